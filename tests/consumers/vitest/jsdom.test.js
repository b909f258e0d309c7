// @vitest-environment jsdom
import * as deploy from "ontap-select-deploy";
import { expect, test } from "vitest";
import { follow } from "./follow.mjs";

test("in jsdom", async () => {
  expect(document.body).toBeDefined();
  console.log(await follow(deploy, `${process.env.DEPLOY_URL}/api`));
});
