export const where = "Rollup 4";
export const how = "a page, built";

export async function run(app) {
  await app.run("rollup", "main.js", "--plugin=node-resolve", "--format=es", "--file=dist/main.js");
  app.followed(await app.visit(await app.serve({ "/": "public", "/dist": "dist" })));
}
