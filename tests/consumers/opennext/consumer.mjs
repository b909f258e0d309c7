import { join } from "node:path";

export const where = "OpenNext on Workers";
export const how =
  "Next 16 on workerd: a server component, a route handler and a client component, built and started";

export async function run(app) {
  // Wrangler needs Node 22.12. The installed Node may be older.
  const node = join(app.folder, "node_modules/node22/bin/node");
  const tool = (name) => join(app.folder, "node_modules/.bin", name);
  await app.run(node, tool("opennextjs-cloudflare"), "build");
  const url = await app.start(node, (port) => [
    ...[tool("wrangler"), "dev", "--ip=127.0.0.1", `--port=${port}`],
    `--var=DEPLOY_URL:${app.deploy}`,
  ]);
  const ask = async (path) => (await fetch(`${url}${path}`)).text();
  // Twice, because the second request reuses the state of the first.
  for (let turn = 0; turn < 2; turn++) {
    app.followed(/<main>.*?<\/main>/.exec(await ask("/server"))?.[0] ?? "");
    app.followed(await ask("/handler"));
  }
  app.followed(await app.visit(`${url}/client`));
}
