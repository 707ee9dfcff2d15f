// Prints the names of the tokens that Microsoft's library for Node finds.
import * as azure from "azure-devops-node-api";
import * as bases from "azure-devops-node-api/ClientApiBases.js";

const kPats = "55967393-20ef-45c6-a96c-b5d5d5986a9a";
const handler = azure.getBearerHandler(process.env.BEARER);
const web = new azure.WebApi(process.argv[2], handler);
await web.connect();
const url = await web._getResourceAreaUrl(web.serverUrl, kPats);
const client = new bases.ClientApiBase(url, [handler], "interop");
const found = await client.vsoClient.getVersioningData(
  "7.9-preview.1", "tokens", kPats, {}, {});
const answer = await client.rest.get(
  found.requestUrl,
  client.createRequestOptions("application/json", found.apiVersion));
console.log(answer.result.patTokens.map((pat) => pat.displayName).join("\n"));
