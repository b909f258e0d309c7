import { join } from "node:path";

export const where = "Vitest 3";
export const how =
  "a user's tests, in the environments node, jsdom and happy-dom, on the Node at hand and on 22, 24 and 26";

export async function run(app) {
  // jsdom has signals of its own, and from 24 on Node's fetch takes only its own.
  const others = ["node22", "node24", "node26"].map((name) =>
    join(app.folder, "node_modules", name, "bin/node"),
  );
  for (const node of [process.execPath, ...others]) {
    app.followed(await app.run(node, "node_modules/vitest/vitest.mjs", "run"), 3);
  }
}
