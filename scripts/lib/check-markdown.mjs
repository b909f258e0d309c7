// Checks the pages. A code block after a comment with the name of an example must equal that file, so that the
// documentation shows tested code. Links must not be dead.

import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { headingsOf, linked, relativeLinks } from "./markdown.mjs";
import { root } from "./paths.mjs";
import { Failure } from "./run.mjs";
import { contentsFaults, tracked as files } from "./site-pages.mjs";

const EXAMPLE = /(?<=^<!-- (examples\/\S+) -->\n```\w*\n)[\s\S]*?(?=^```$)/gm;
// A page with examples must not show other code, because no test would run it.
const OTHER_CODE = /(?<!^<!-- examples\/\S+ -->\n)^```(html|jsx?|nginx|tsx?)$/gm;

/**
 * Fails if a page has a mistake.
 * @param {{ write: boolean }} options `write` copies the examples into the pages first
 */
export async function checkMarkdown({ write }) {
  const pages = await files("*.md");
  if (write) for (const page of pages) await writeExamples(page);
  const { files: packed } = JSON.parse(await read("package.json"));
  const wrong = [
    ...(await Promise.all(pages.map((page) => faultsOf(page, packed)))).flat(),
    ...(await unshown(pages)),
    ...(await contentsFaults()),
  ];
  if (wrong.length > 0) throw new Failure(`Mistakes in the documentation:\n  ${wrong.join("\n  ")}`);
}

/** @param {string} file */
const read = (file) => readFile(join(root, file), "utf8");

/** @param {string} page */
async function writeExamples(page) {
  const text = await read(page);
  /** @type {Map<string, string>} */
  const codes = new Map();
  for (const [, example = ""] of text.matchAll(EXAMPLE)) codes.set(example, await read(example));
  const written = text.replace(EXAMPLE, (code, example) => codes.get(example) ?? code);
  if (written !== text) await writeFile(join(root, page), written);
}

/**
 * @param {string} page
 * @param {string[]} packed the package's `files`
 */
async function faultsOf(page, packed) {
  const text = await read(page);
  const faults = [];
  const examples = [...text.matchAll(EXAMPLE)];
  if (examples.length > 0) {
    for (const [fence] of text.matchAll(OTHER_CODE))
      faults.push(`${page}: ${fence} block without an example`);
  }
  for (const [code, example = ""] of examples) {
    if (code !== (await read(example).catch(() => undefined))) {
      faults.push(`${page}: the code differs from ${example}. To copy it, run: npm run check -- --write`);
    }
  }
  for (const target of relativeLinks(text)) {
    if (!(await leads(page, target))) faults.push(`${page}: dead link ${target}`);
    else if (isPacked(page, packed) && !isPacked(linked(page, target).file, packed)) {
      faults.push(`${page}: ${target} is not in the package; write its name without a link`);
    }
  }
  return faults;
}

/**
 * Whether a link leads to an existing file and, if it has an anchor, to an existing heading.
 * @param {string} page
 * @param {string} target
 */
async function leads(page, target) {
  const { file, anchor } = linked(page, target);
  if (!(await stat(join(root, file)).catch(() => undefined))) return false;
  return anchor === undefined || !file.endsWith(".md") || headingsOf(await read(file)).includes(anchor);
}

/**
 * Whether a file is in the package.
 * @param {string} file
 * @param {string[]} packed its `files`
 */
function isPacked(file, packed) {
  if (packed.includes(`!${file}`)) return false;
  const always = ["README.md", "package.json"];
  return [...always, ...packed].some((name) => file === name || file.startsWith(`${name}/`));
}

/**
 * The examples that no page mentions.
 * @param {string[]} pages
 */
async function unshown(pages) {
  const texts = (await Promise.all(pages.map(read))).join("\n");
  const missing = (await files("examples/")).filter((example) => !texts.includes(example));
  return missing.map((example) => `${example} is not on any page`);
}
