// The pages of the points in a browser: each peer bundled and minified by esbuild, with the few lines that use it, and compressed.

import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { root } from "../../scripts/lib/paths.mjs";

/**
 * @param {string} folder where the pages are written
 * @param {string[]} peers
 * @param {(peer: string) => string} peerFile
 * @returns {Promise<Record<string, { raw: number, gzip: number, brotli: number }>>} bytes of each bundle
 */
export async function buildPages(folder, peers, peerFile) {
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/follow.txt`, "x");
  for (const name of ["cold", "page"]) {
    await copyFile(`${root}/bench/clients/browser-${name}.js`, `${folder}/${name}.js`);
    await writeFile(`${folder}/${name}.html`, html(name));
  }
  const sizes = {};
  for (const peer of peers) sizes[peer] = await bundle(peerFile(peer), `${folder}/${peer}.js`);
  return sizes;
}

async function bundle(entry, outfile) {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
  });
  const code = await readFile(outfile);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  const gzip = gzipSync(code, { level: 9 });
  const brotli = brotliCompressSync(code, quality);
  await writeFile(`${outfile}.gz`, gzip);
  await writeFile(`${outfile}.br`, brotli);
  return { raw: code.length, gzip: gzip.length, brotli: brotli.length };
}

const html = (script) =>
  `<!doctype html><meta charset="utf-8"><script type="module" src="/${script}.js"></script>`;
