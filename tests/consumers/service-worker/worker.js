import { follow } from "./follow.mjs";
import * as deploy from "./node_modules/ontap-select-deploy/dist/esm/index.js";

addEventListener("message", (event) => {
  const tell = (outcome) => event.source.postMessage(String(outcome));
  event.waitUntil(follow(deploy, "/api").then(tell, tell));
});
