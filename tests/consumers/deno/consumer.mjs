export const where = "Deno";
export const how = "a script, with permission for the network and its environment variable";

export async function run(app) {
  const permissions = ["--no-prompt", "--allow-net", "--allow-env=DEPLOY_URL"];
  app.followed(await app.run("deno", "run", ...permissions, "--node-modules-dir=manual", "main.mjs"));
}
