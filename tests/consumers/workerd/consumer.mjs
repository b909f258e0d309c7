export const where = "workerd";
export const how =
  "a worker bundled under the condition `workerd`, with the default entry and with `./slim`, one client for all requests, and jobs that outlast their request";

export async function run(app) {
  // What wrangler does: it bundles under this condition, and the engine stays a file beside the code.
  const engine = ["--loader:.wasm=copy", "--asset-names=engine"];
  const base = `--define:DEPLOY_API=${JSON.stringify(`${app.deploy}/api`)}`;
  const bundle = ["--bundle", "--format=esm", "--conditions=workerd", "--outfile=dist/main.js", base];
  await app.run("esbuild", "main.mjs", ...bundle, ...engine);
  const url = await app.start("workerd", (port) => [
    "serve",
    "config.capnp",
    `--socket-addr=http=127.0.0.1:${port}`,
  ]);
  const ask = async (path) => (await fetch(`${url}${path}`)).text();
  // Two requests at once: they share one engine.
  app.followed((await Promise.all([ask("/whole"), ask("/whole")])).join(), 2);
  app.followed(await ask("/slim"));
  app.followed(await ask("/shared"));
  app.followed((await Promise.all([ask("/shared"), ask("/shared")])).join(), 2);
  // Waits whose request ends are gone, and the client is not.
  for (const number of [1, 2]) {
    const tokens = await ask(`/leave?number=${number}`);
    app.followed(await ask("/shared"));
    app.followed(await ask(`/resume?tokens=${encodeURIComponent(tokens)}`));
  }
}
