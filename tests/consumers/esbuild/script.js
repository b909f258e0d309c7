import * as deploy from "ontap-select-deploy";
import { follow } from "./follow.mjs";

follow(deploy, `${process.env.DEPLOY_URL}/api`).then(console.log);
