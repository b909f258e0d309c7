export const where = "Next 16";
export const how =
  "a server component, a route handler, two edge routes and a client component, built and started";

export async function run(app) {
  await app.run("next", "build");
  const url = await app.start("next", (port) => ["start", "--hostname=127.0.0.1", `--port=${port}`]);
  const ask = async (path) => (await fetch(`${url}${path}`)).text();
  app.followed(/<main>.*?<\/main>/.exec(await ask("/server"))?.[0] ?? "");
  app.followed(await ask("/handler"));
  app.followed(await ask("/edge"));
  app.followed(await ask("/edge-slim"));
  app.followed(await app.visit(`${url}/client`));
}
