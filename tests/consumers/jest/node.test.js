const deploy = require("ontap-select-deploy");
const { follow } = require("./follow.js");

test("in Node", async () => {
  expect(typeof window).toBe("undefined");
  console.log(await follow(deploy, `${process.env.DEPLOY_URL}/api`));
});
