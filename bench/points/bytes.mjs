// 5. What a page downloads: each peer bundled and minified by esbuild, with the few lines that use it.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Bundles each peer into `pages`, where the points in a browser find it. */
export async function bytes({ peers, peerFile, pages }) {
  await mkdir(pages, { recursive: true });
  await writeFile(`${pages}/follow.txt`, "x");
  await writeFile(`${pages}/cold.html`, html("cold"));
  await writeFile(`${pages}/page.html`, html("page"));
  const sizes = {};
  for (const peer of peers) {
    const outfile = `${pages}/${peer}.js`;
    await build({
      entryPoints: [peerFile(peer)],
      outfile,
      bundle: true,
      minify: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      // Else the engine's bytes grow to two or more characters each.
      charset: "utf8",
      legalComments: "none",
      logLevel: "warning",
    });
    const code = await readFile(outfile);
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
    sizes[peer] = [
      {
        raw: code.length,
        gzip: gzipSync(code, { level: 9 }).length,
        brotli: brotliCompressSync(code, quality).length,
      },
    ];
  }
  return sizes;
}

const html = (script) =>
  `<!doctype html><meta charset="utf-8"><script type="module" src="/${script}.js"></script>`;
