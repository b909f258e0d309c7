import { viteServesAndBuilds } from "../lib/vite.mjs";

export const where = "Vite 8";
export const how =
  "a page, on the development server and built: the default entry, `./slim`, `./workflows` and `./simulator`";

export async function run(app) {
  await viteServesAndBuilds(app);
  // This string is in a workflow that the page does not use.
  await app.lacks("dist", "statusResp");
}
