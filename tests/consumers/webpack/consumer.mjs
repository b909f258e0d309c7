export const where = "webpack 5";
export const how = "a built page: the default entry, `./slim`, `./workflows` and `./simulator`";

export async function run(app) {
  await app.run("webpack", "--mode=production");
  // This string is in a workflow that the page does not use.
  await app.lacks("dist", "statusResp");
  app.followed(await app.visit(await app.serve({ "/": "public", "/dist": "dist" })), 2);
}
