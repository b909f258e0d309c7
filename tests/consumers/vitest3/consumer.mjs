import { join } from "node:path";

export const where = "Vitest 3";
export const how = "a user's tests in node, jsdom and happy-dom, on the installed Node and on 22, 24 and 26";

export async function run(app) {
  // jsdom has its own signals. From Node 24, fetch accepts only Node's.
  const others = ["node22", "node24", "node26"].map((name) =>
    join(app.folder, "node_modules", name, "bin/node"),
  );
  for (const node of [process.execPath, ...others]) {
    app.followed(await app.run(node, "node_modules/vitest/vitest.mjs", "run"), 3);
  }
}
