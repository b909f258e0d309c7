import * as deploy from "ontap-select-deploy";
import { expect, test } from "vitest";
import { follow } from "./follow.mjs";

test("in Node", async () => {
  expect(typeof window).toBe("undefined");
  console.log(await follow(deploy, `${process.env.DEPLOY_URL}/api`));
});
