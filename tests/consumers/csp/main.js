import { follow } from "./follow.mjs";
import * as deploy from "./node_modules/ontap-select-deploy/dist/esm/index.js";

document.title = await follow(deploy, "/api");
