export const where = "Rollup 4";
export const how = "a page, built, with the default entry and with `./workflows`";

export async function run(app) {
  await app.run("rollup", "main.js", "--plugin=node-resolve", "--format=es", "--file=dist/main.js");
  // Another of the workflows.
  await app.lacks("dist", "statusResp");
  app.followed(await app.visit(await app.serve({ "/": "public", "/dist": "dist" })));
}
