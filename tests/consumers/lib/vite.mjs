// Runs a page on Vite's development server, then builds and serves it.

export async function viteServesAndBuilds(app) {
  const server = await app.start("vite", (port) => ["--host=127.0.0.1", `--port=${port}`, "--strictPort"]);
  app.followed(await app.visit(server), 2);

  await app.run("vite", "build");
  app.followed(await app.visit(await app.serve({ "/": "dist" })), 2);
}
