export const where = "A page with no bundler";
export const how =
  "a module script and an import map, with the default entry, with `./slim`, with `./workflows` and with `./simulator`";

export async function run(app) {
  app.followed(await app.visit(await app.serve({ "/": "." })), 2);
}
