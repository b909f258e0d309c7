export const where = "Server-side rendering";
export const how = "Vite's server build, which bundles the package, run without a `window`";

export async function run(app) {
  await app.run("vite", "build", "--ssr", "render.js");
  app.followed(await app.run("node", "main.mjs"));
}
