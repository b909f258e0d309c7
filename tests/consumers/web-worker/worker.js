import { follow } from "./follow.mjs";
// Import maps do not work in workers, so this uses a path.
import * as deploy from "./node_modules/ontap-select-deploy/dist/esm/index.js";

const report = (outcome) => postMessage(String(outcome));
follow(deploy, "/api").then(report, report);
