import { readdir } from "node:fs/promises";

export const where = "Bun";
export const how = "a script, run directly and bundled by Bun";

export async function run(app) {
  // The program is in a separate package per system. Install scripts are off, so nothing has linked it.
  const programs = `${app.folder}/node_modules/@oven`;
  const [program] = await readdir(programs);
  const bun = `${programs}/${program}/bin/bun`;

  app.followed(await app.run(bun, "main.mjs"));
  await app.run(bun, "build", "main.mjs", "--target=bun", "--outdir=dist");
  app.followed(await app.run(bun, "dist/main.js"));
}
