// Import maps do not reach workers, hence the path.

import { follow } from "./follow.mjs";
import * as deploy from "./node_modules/ontap-select-deploy/dist/esm/index.js";

follow(deploy, "/api").then((outcome) => postMessage(outcome));
