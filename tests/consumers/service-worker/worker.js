import { follow } from "./follow.mjs";
import * as deploy from "./node_modules/ontap-select-deploy/dist/esm/index.js";

addEventListener("message", (event) => {
  const report = (outcome) => event.source.postMessage(String(outcome));
  event.waitUntil(follow(deploy, "/api").then(report, report));
});
