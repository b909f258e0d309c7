export const where = "Deno";
export const how = "a script, with leave to use the network and its environment";

export async function run(app) {
  const leave = ["--no-prompt", "--allow-net", "--allow-env=DEPLOY_URL"];
  app.followed(await app.run("deno", "run", ...leave, "--node-modules-dir=manual", "main.mjs"));
}
