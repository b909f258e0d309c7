export const where = "webpack 5";
export const how =
  "a page, built, with the default entry, with `./slim`, with `./workflows` and with `./simulator`";

export async function run(app) {
  await app.run("webpack", "--mode=production");
  // Another of the workflows.
  await app.lacks("dist", "statusResp");
  app.followed(await app.visit(await app.serve({ "/": "public", "/dist": "dist" })), 2);
}
