export const where = "workerd";
export const how =
  "a worker bundled with the condition `workerd`: the default entry and `./slim`, one client for all requests, and jobs that outlast their request";

export async function run(app) {
  // As in wrangler: the bundle uses this condition, and the engine stays a separate file.
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
  // Two simultaneous requests share one engine.
  app.followed((await Promise.all([ask("/whole"), ask("/whole")])).join(), 2);
  app.followed(await ask("/slim"));
  app.followed(await ask("/shared"));
  app.followed((await Promise.all([ask("/shared"), ask("/shared")])).join(), 2);
  // The waits of a finished request are gone. The client still works.
  for (const number of [1, 2]) {
    const tokens = await ask(`/leave?number=${number}`);
    app.followed(await ask("/shared"));
    app.followed(await ask(`/resume?tokens=${encodeURIComponent(tokens)}`));
  }
}
