// @vitest-environment happy-dom
import * as deploy from "ontap-select-deploy";
import { expect, test } from "vitest";
import { follow } from "./follow.mjs";

test("in happy-dom", async () => {
  expect(typeof window).toBe("object");
  console.log(await follow(deploy, `${process.env.DEPLOY_URL}/api`));
});

test("a signal ends a wait", async () => {
  const auth = { username: "admin", password: "Netapp1!" };
  const client = new deploy.DeployClient({ baseUrl: `${process.env.DEPLOY_URL}/api`, auth });
  const leaving = new AbortController();
  const left = client.get("/clusters", { signal: leaving.signal }).catch((error) => error);
  leaving.abort();
  expect((await left).name).toBe("AbortError");
  client.close();
});
