// The WebAssembly is embedded as a string: it must survive charsets and inlining.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { before, test } from "node:test";
import { build } from "esbuild";
import { built, useChromium, visit } from "./chromium.mjs";

useChromium();

// It embeds two modules: the engine and the simulator.
const program = `
import { DeployClient } from "./index.js";
import { createSimulator } from "./simulator.js";
const said = async () => {
  const simulator = createSimulator({ stepMs: 5 });
  const auth = { username: "admin", password: "Netapp1!" };
  const deploy = new DeployClient({ baseUrl: "https://deploy.example.com/api", auth, fetch: simulator.fetch });
  const { job } = await deploy.post("/hosts", { hosts: [{ name: "esx-1", hypervisor_type: "ESX" }] });
  return job.state;
};
said().catch(({ message }) => message).then((text) => { document.title = text; });`;

let script;

before(async () => {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: built.package },
    bundle: true,
    format: "iife",
    minify: true,
    write: false,
  });
  script = outputFiles[0].text;
});

test("a classic script on a windows-1252 page, without a charset of its own", async (t) => {
  const { page, faults } = await served(t, {
    "/": ["text/html; charset=windows-1252", `<!doctype html><script src="bundle.js"></script>`],
    "/bundle.js": ["text/javascript", script],
  });
  await page.waitForFunction(() => document.title !== "");
  assert.equal(await page.evaluate(() => document.characterSet), "windows-1252");
  assert.equal(await page.title(), "success");
  assert.deepEqual(faults, []);
});

test("an inline script that String.replace inserted, which interprets $&", async (t) => {
  const { page, faults } = await served(t, { "/": ["text/html", inlined(script)] });
  await page.waitForFunction(() => document.title !== "");
  assert.equal(await page.title(), "success");
  assert.deepEqual(faults, []);
});

test("one changed character: an error says what happened before anything is compiled", async (t) => {
  const lines = (await readFile(`${built.package}/index.js`, "latin1")).split("\n");
  const engine = lines.find((it) => it.startsWith("var engineText="));
  const place = engine.slice(50_000, 50_040);
  assert.equal(script.split(place).length, 2, "the place occurs once");
  const changed = script.replace(place, () => (place[0] === "a" ? "b" : "a") + place.slice(1));
  const { page, faults } = await served(t, { "/": ["text/html", inlined(changed)] });
  await page.waitForFunction(() => document.title !== "");
  assert.match(await page.title(), /this bundle was changed after its build/);
  assert.deepEqual(faults, []);
});

const inlined = (text) =>
  "<!doctype html><body><!-- script --></body>".replace("<!-- script -->", `<script>${text}</script>`);

/** A Chromium page on a server with these responses, each a content type and a body. */
async function served(t, answers) {
  const server = createServer(({ url }, answer) => {
    const [type, text] = answers[url] ?? [];
    if (type) answer.writeHead(200, { "content-type": type }).end(text);
    else answer.writeHead(204).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return visit(t, `http://127.0.0.1:${server.address().port}/`);
}
