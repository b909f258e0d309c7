export const where = "esbuild";
export const how = "a built page, and a built script for Node";

export async function run(app) {
  await app.run("esbuild", "page.js", "--bundle", "--format=esm", "--outdir=dist");
  app.followed(await app.visit(await app.serve({ "/": "public", "/dist": "dist" })));

  await app.run("esbuild", "script.js", "--bundle", "--platform=node", "--outfile=dist/script.cjs");
  app.followed(await app.run("node", "dist/script.cjs"));
}
