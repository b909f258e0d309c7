export const where = "Node, `import`";
export const how = "a script, with the default entry and with `./slim`";

export async function run(app) {
  app.followed(await app.run("node", "main.mjs"), 2);
}
