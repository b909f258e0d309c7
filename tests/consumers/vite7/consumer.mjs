import { viteServesAndBuilds } from "../lib/vite.mjs";

export const where = "Vite 7";
export const how = "a page, on the development server and built: the default entry and `./slim`";
export const run = viteServesAndBuilds;
