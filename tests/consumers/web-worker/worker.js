import { follow } from "./follow.mjs";
// Import maps do not reach workers, hence the path.
import * as deploy from "./node_modules/ontap-select-deploy/dist/esm/index.js";

const tell = (outcome) => postMessage(String(outcome));
follow(deploy, "/api").then(tell, tell);
