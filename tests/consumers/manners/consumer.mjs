export const how = "publint and arethetypeswrong";

export async function run(app) {
  await app.run("publint", "run", app.tarball, "--strict");
  // Skips the resolution of Node 10, which does not support `exports`. The engine is not code, so it has no types.
  const engine = ["--exclude-entrypoints", "wasm", "engine.wasm"];
  await app.run("attw", app.tarball, "--profile=node16", "--no-emoji", ...engine);
}
