import * as deploy from "ontap-select-deploy";
import { follow } from "./follow.mjs";

console.log(await follow(deploy, `${process.env.DEPLOY_URL}/api`));
