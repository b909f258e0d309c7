const { readFileSync } = require("node:fs");
const whole = require("ontap-select-deploy");
const { nodeFetch } = require("ontap-select-deploy/node");
const simulator = require("ontap-select-deploy/simulator");
const slim = require("ontap-select-deploy/slim");
const workflows = require("ontap-select-deploy/workflows");

const deploy = `${process.env.DEPLOY_URL}/api`;

async function main() {
  const { deleteNothing, follow, simulate } = await import("./follow.mjs");
  console.log(await follow(whole, deploy));
  console.log(await follow(whole, deploy, { fetch: nodeFetch() }));

  await slim.init(readFileSync(require.resolve("ontap-select-deploy/wasm")));
  console.log(await follow(slim, deploy));

  await simulate(simulator, whole);
  for (const entry of [whole, slim]) await deleteNothing(workflows, entry, deploy);
}

main();
