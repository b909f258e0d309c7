export const where = "Node, `require`";
export const how = "a script, with the default entry and with `./slim`";

export async function run(app) {
  app.followed(await app.run("node", "main.cjs"), 2);
}
