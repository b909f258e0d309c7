// 5. What a page downloads: the bundle of each peer, and the package's entry, which has a limit.

import { readFile } from "node:fs/promises";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { dist } from "../../scripts/lib/paths.mjs";

export async function bytes({ peers, bundles }) {
  const sizes = Object.fromEntries(peers.map((peer) => [peer, [bundles[peer]]]));
  const entry = await readFile(`${dist}/esm/index.js`);
  const entryGzip = gzipSync(entry, { level: 9 }).length;
  sizes.package = [{ ...bundles.package, entryGzip, entryBrotli: brotliCompressSync(entry).length }];
  return sizes;
}
