// npm run words: lists the banned phrases of scripts/words.json by file and line. Fails if there is one.

import { main } from "./lib/main.mjs";
import { bannedTurns, described } from "./lib/words.mjs";

await main(async () => {
  const hits = await bannedTurns();
  for (const hit of hits) console.log(described(hit));
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { file } of hits) counts.set(file, (counts.get(file) ?? 0) + 1);
  if (hits.length > 0) console.log();
  for (const [file, count] of [...counts].sort(([, one], [, other]) => other - one))
    console.log(`${String(count).padStart(4)} ${file}`);
  console.log(`${String(hits.length).padStart(4)} in total`);
  if (hits.length > 0) process.exitCode = 1;
});
