/** @jest-environment ./jsdom-with-fetch.js */
const deploy = require("ontap-select-deploy");
const { follow } = require("./follow.js");

test("in jsdom", async () => {
  expect(document.body).toBeDefined();
  console.log(await follow(deploy, `${process.env.DEPLOY_URL}/api`));
});
