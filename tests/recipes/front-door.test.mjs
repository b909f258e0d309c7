// B14: a proxy that identifies users by a client certificate or a cookie, while `auth` logs in to Deploy.

import assert from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { built, useChromium, visit } from "../browser/chromium.mjs";
import { firefox } from "../cross-browser/firefox.mjs";
import { ca, usersCertificate } from "./certificates.mjs";
import { nginx } from "./proxies.mjs";
import { overTls } from "./tls.mjs";

useChromium();

/** Starts nginx with a shown configuration in front of a Deploy. It also serves a page and the package. */
async function frontDoor(t, file, own, replacements) {
  const vm = await ca(t, "deploy.example.com");
  const { origin: deploy } = await overTls(t, vm);
  const root = await mkdtemp(join(tmpdir(), "console-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  await cp(built.package, join(root, "package"), { recursive: true });
  await writeFile(join(root, "index.html"), "<!doctype html><title>.</title>");
  const { origin } = await nginx(t, file, {
    "https://deploy.example.com": deploy,
    "/etc/nginx/deploy.crt": vm.issuer,
    "/etc/nginx/console.crt": own.file,
    "/etc/nginx/console.key": own.keyFile,
    "/srv/console": root,
    ...replacements,
  });
  return origin;
}

/** Runs in a page and returns how a call with these options ends. */
async function call(options) {
  const { DeployClient } = await import("/package/index.js");
  const deploy = new DeployClient({ baseUrl: "/api", timeout: 20_000, ...options });
  const hosts = [
    { name: `esx-${Math.random()}`, hypervisor_type: "ESX", management_server: "vcenter.example.com" },
  ];
  const end = await deploy.post("/hosts", { hosts }).catch((error) => error);
  deploy.close();
  return end.job?.state ?? [end.code, end.status ?? 0, end.outcome];
}

const auth = { username: "admin", password: "Netapp1!" };

test("b14: the certificate is sent with same-origin, and Firefox sends none with omit", async (t) => {
  const own = await ca(t, "localhost");
  const origin = await frontDoor(t, "front-door.conf", own, { "/etc/nginx/users.crt": own.issuer });
  const browser = await firefox.launch({ prepare: (profile) => usersCertificate(own, profile) });
  t.after(() => browser.close());
  const tab = await browser.open(origin);
  assert.deepEqual(
    await tab.evaluate(call, { auth }),
    ["HTTP", 400, "refused"],
    "omit is the default with auth",
  );
  assert.equal(await tab.evaluate(call, { auth, credentials: "same-origin" }), "success");
  const wrong = { ...auth, password: "wrong" };
  const refused = await tab.evaluate(call, { auth: wrong, credentials: "same-origin" });
  assert.deepEqual(refused, ["AUTH", 401, "refused"]);
});

test("b14: the cookie is sent only with same-origin, and no login prompt delays a call", async (t) => {
  const own = await ca(t, "localhost");
  const session = `location /api/ {\n    if ($cookie_session = "") { return 302 /login; }`;
  const origin = await frontDoor(t, "front-door.conf", own, {
    "/etc/nginx/users.crt": own.issuer,
    "ssl_verify_client on;": "",
    "location /api/ {": session,
  });
  const { page } = await visit(t, origin, { ignoreHTTPSErrors: true });
  await page.context().addCookies([{ url: origin, name: "session", value: "1" }]);
  assert.deepEqual(await page.evaluate(call, { auth }), ["PROTOCOL", 0, "unknown"]);
  assert.equal(await page.evaluate(call, { auth, credentials: "same-origin" }), "success");
  const wrong = { ...auth, password: "wrong" };
  const refused = await page.evaluate(call, { auth: wrong, credentials: "same-origin" });
  assert.deepEqual(refused, ["AUTH", 401, "refused"]);
});
