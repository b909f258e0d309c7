export const where = "workerd";
export const how =
  "a worker bundled under the condition `workerd`, with the default entry and with `./slim`, and one client for several requests";

export async function run(app) {
  // What wrangler does: it bundles under this condition, and the engine stays a file beside the code.
  const engine = ["--loader:.wasm=copy", "--asset-names=engine"];
  const bundle = ["--bundle", "--format=esm", "--conditions=workerd", "--outfile=dist/main.js"];
  await app.run("esbuild", "main.mjs", ...bundle, ...engine);
  const url = await app.start("workerd", (port) => [
    "serve",
    "config.capnp",
    `--socket-addr=http=127.0.0.1:${port}`,
  ]);
  // Two requests at once: they share one engine.
  const ask = async (path) => (await fetch(`${url}${path}?deploy=${app.deploy}/api`)).text();
  app.followed((await Promise.all([ask("/whole"), ask("/whole")])).join(), 2);
  app.followed(await ask("/slim"));
  app.followed((await Promise.all([ask("/shared"), ask("/shared")])).join(), 2);
  app.followed(await ask("/shared"));
}
