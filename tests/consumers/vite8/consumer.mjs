import { viteServesAndBuilds } from "../lib/vite.mjs";

export const where = "Vite 8";
export const how =
  "a page, by the development server and built, with the default entry, with `./slim` and with `./simulator`";
export const run = viteServesAndBuilds;
