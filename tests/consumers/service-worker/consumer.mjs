export const where = "Service worker";
export const how = "a module worker without a bundler, and a classic worker bundled by esbuild";

export async function run(app) {
  await app.run("esbuild", "worker.js", "--bundle", "--format=iife", "--outfile=classic.js");
  const site = await app.serve({ "/": "." });
  app.followed(await app.visit(`${site}/?module`));
  app.followed(await app.visit(`${site}/?classic`));
}
