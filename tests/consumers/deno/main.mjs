import * as deploy from "ontap-select-deploy";
import { follow } from "./follow.mjs";

console.log(await follow(deploy, `${Deno.env.get("DEPLOY_URL")}/api`));
