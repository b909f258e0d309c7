import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import * as whole from "ontap-select-deploy";
import { nodeFetch } from "ontap-select-deploy/node";
import * as simulator from "ontap-select-deploy/simulator";
import * as slim from "ontap-select-deploy/slim";
import * as workflows from "ontap-select-deploy/workflows";
import { deleteNothing, follow, simulate } from "./follow.mjs";

const deploy = `${process.env.DEPLOY_URL}/api`;
console.log(await follow(whole, deploy));
console.log(await follow(whole, deploy, { fetch: nodeFetch() }));

const { resolve } = createRequire(import.meta.url);
await slim.init(readFile(resolve("ontap-select-deploy/wasm")));
console.log(await follow(slim, deploy));

await simulate(simulator, whole);
for (const entry of [whole, slim]) await deleteNothing(workflows, entry, deploy);
