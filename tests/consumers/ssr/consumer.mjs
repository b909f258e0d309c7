export const where = "Server-side rendering";
export const how = "Vite's build for servers, which bundles the package, run where there is no `window`";

export async function run(app) {
  await app.run("vite", "build", "--ssr", "render.js");
  app.followed(await app.run("node", "main.mjs"));
}
