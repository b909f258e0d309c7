// Runs the recipe for types from the VM's reference. A real reference is not public, so this is a small copy.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { folder, run } from "./recipe.mjs";

const text = { type: "string" };
const object = (properties, ...required) => ({ type: "object", properties, required });
const list = (items) => ({ type: "array", items });
const host = object({ name: text, hypervisor_type: text, management_server: text }, "name");
const response = object({
  num_records: { type: "integer" },
  records: list(object({ id: text, name: text })),
});
const reference = {
  swagger: "2.0",
  info: { title: "Deploy", version: "3" },
  basePath: "/api",
  consumes: ["application/json"],
  produces: ["application/json"],
  paths: {
    "/clusters": { get: { responses: { 200: { description: "clusters", schema: response } } } },
    "/hosts": {
      post: {
        parameters: [{ name: "body", in: "body", schema: object({ hosts: list(host) }, "hosts") }],
        responses: { 202: { description: "a job" } },
      },
    },
  },
};

const program = (name, ...args) => run([process.execPath, join(folder, "node_modules/.bin", name), ...args]);

/** Compiles a file and returns the compiler's errors. */
async function compile(file) {
  const options = ["--strict", "--noEmit", "--skipLibCheck", "--module", "nodenext", "--target", "es2022"];
  const { stdout } = await program("tsc", ...options, "--lib", "es2022,dom", file);
  return stdout;
}

test("types from the VM's reference reject a wrong body", async () => {
  await mkdir(join(folder, "types"), { recursive: true });
  await writeFile(join(folder, "types/deploy.json"), JSON.stringify(reference));
  await program("swagger2openapi", "types/deploy.json", "--outfile", "types/deploy-3.json");
  const made = await program("openapi-typescript", "types/deploy-3.json", "--output", "types/deploy.d.ts");
  assert.equal(made.code, 0, made.stderr);

  const example = await readFile(join(folder, "own-types.ts"), "utf8");
  await writeFile(join(folder, "types/own-types.ts"), example);
  assert.equal(await compile("types/own-types.ts"), "");

  const wrong = example.replace("{ hosts: [{ name, hypervisor_type", "{ host: [{ name, hypervisor_type");
  assert.notEqual(wrong, example);
  await writeFile(join(folder, "types/wrong.ts"), wrong);
  assert.match(await compile("types/wrong.ts"), /'host' does not exist/);
});

test("the example with the public types compiles, and a wrong body does not", async () => {
  assert.equal(await compile("typed.ts"), "");
  const example = await readFile(join(folder, "typed.ts"), "utf8");
  const wrong = example.replace("password: cluster", "passwort: cluster");
  assert.notEqual(wrong, example);
  await writeFile(join(folder, "wrong-typed.ts"), wrong);
  assert.match(await compile("wrong-typed.ts"), /'password' is missing/);
});
