// Makes a variable group with Microsoft's library for Node, changes it as a
// person's script does, and prints the variables that are left.
import * as azure from "azure-devops-node-api";

const handler = azure.getBearerHandler(process.env.BEARER);
const web = new azure.WebApi(process.argv[2], handler);
const tasks = await web.getTaskAgentApi(process.argv[2]);
const references = [{
  name: "node", projectReference: { id: "1", name: "web" } }];
const made = await tasks.addVariableGroup({
  name: "node", type: "Vsts", variableGroupProjectReferences: references,
  variables: { a: { value: "hidden", isSecret: true }, b: { value: "1" } } });
const [group] = await tasks.getVariableGroups("web", "node");
delete group.variables.b;
group.variables.c = { value: "2" };
group.variableGroupProjectReferences = references;
const left = await tasks.updateVariableGroup(group, made.id);
console.log(Object.entries(left.variables).map(
  ([name, variable]) => `${name}=${variable.value}`).join("\n"));
