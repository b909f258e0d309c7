const { readFileSync } = require("node:fs");
const whole = require("ontap-select-deploy");
const slim = require("ontap-select-deploy/slim");

const deploy = `${process.env.DEPLOY_URL}/api`;

async function main() {
  const { follow } = await import("./follow.mjs");
  console.log(await follow(whole, deploy));

  await slim.init(readFileSync(require.resolve("ontap-select-deploy/wasm")));
  console.log(await follow(slim, deploy));
}

main();
