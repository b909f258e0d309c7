export const where = "A page with no bundler";
export const how =
  "a module script with an import map: the default entry, `./slim`, `./workflows` and `./simulator`";

export async function run(app) {
  app.followed(await app.visit(await app.serve({ "/": "." })), 2);
}
