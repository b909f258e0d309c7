// What the documentation shows is what is run: a block of code below a comment with the name of an example
// is that file, to the letter. And its links lead somewhere.

import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { headingsOf, linked, relativeLinks } from "./markdown.mjs";
import { root } from "./paths.mjs";
import { Failure } from "./run.mjs";
import { contentsFaults, tracked as files } from "./site-pages.mjs";

const EXAMPLE = /(?<=^<!-- (examples\/\S+) -->\n```\w*\n)[\s\S]*?(?=^```$)/gm;
// A page that shows examples shows no other code, which nobody would run.
const OTHER_CODE = /(?<!^<!-- examples\/\S+ -->\n)^```(html|jsx?|nginx|tsx?)$/gm;

/**
 * Fails unless every page is in order.
 * @param {{ write: boolean }} options `write` puts the examples into the pages first
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
  if (wrong.length > 0) throw new Failure(`The documentation is not in order.\n  ${wrong.join("\n  ")}`);
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
    for (const [fence] of text.matchAll(OTHER_CODE)) faults.push(`${page}: ${fence} without an example`);
  }
  for (const [code, example = ""] of examples) {
    if (code !== (await read(example).catch(() => undefined))) {
      faults.push(`${page}: the code is not that of ${example}. To put it there: npm run check -- --write`);
    }
  }
  for (const target of relativeLinks(text)) {
    if (!(await leads(page, target))) faults.push(`${page}: ${target} leads nowhere`);
    else if (isPacked(page, packed) && !isPacked(linked(page, target).file, packed)) {
      faults.push(`${page}: ${target} is not in the package, so name it in plain text without a link`);
    }
  }
  return faults;
}

/**
 * Whether a link leads to a file, and to a heading where it names one.
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
 * Examples that no page names.
 * @param {string[]} pages
 */
async function unshown(pages) {
  const texts = (await Promise.all(pages.map(read))).join("\n");
  const missing = (await files("examples/")).filter((example) => !texts.includes(example));
  return missing.map((example) => `${example} is on no page`);
}
