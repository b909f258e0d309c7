import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as whole from "ontap-select-deploy";
import * as slim from "ontap-select-deploy/slim";
import { follow } from "./follow.mjs";

const deploy = `${process.env.DEPLOY_URL}/api`;
console.log(await follow(whole, deploy));

await slim.init(readFile(fileURLToPath(import.meta.resolve("ontap-select-deploy/wasm"))));
console.log(await follow(slim, deploy));
