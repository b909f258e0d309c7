export const how = "publint and arethetypeswrong";

export async function run(app) {
  await app.run("publint", "run", app.tarball, "--strict");
  // Without resolution as in Node 10, which knows no `exports`; and the engine is no code, so it has no types.
  const engine = ["--exclude-entrypoints", "wasm", "engine.wasm"];
  await app.run("attw", app.tarball, "--profile=node16", "--no-emoji", ...engine);
}
