// Import maps do not reach workers, hence the path.
import * as deploy from "./node_modules/ontap-select-deploy/dist/esm/index.js";
import { follow } from "./follow.mjs";

const tell = (outcome) => postMessage(String(outcome));
follow(deploy, "/api").then(tell, tell);
