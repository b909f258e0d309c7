import { viteServesAndBuilds } from "../lib/vite.mjs";

export const where = "Vite 8";
export const how =
  "a page, by the development server and built, with the default entry, with `./slim`, with `./workflows` and with `./simulator`";

export async function run(app) {
  await viteServesAndBuilds(app);
  // Another of the workflows.
  await app.lacks("dist", "statusResp");
}
