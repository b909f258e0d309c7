export const where = "Rollup 4";
export const how = "a built page: the default entry and `./workflows`";

export async function run(app) {
  await app.run("rollup", "main.js", "--plugin=node-resolve", "--format=es", "--file=dist/main.js");
  // This string is in a workflow that the page does not use.
  await app.lacks("dist", "statusResp");
  app.followed(await app.visit(await app.serve({ "/": "public", "/dist": "dist" })));
}
