// What the documentation shows is what is run: a block of code below a comment with the name of an example
// is that file, to the letter. And its links lead somewhere.

import { readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { root, short } from "./paths.mjs";
import { Failure, must } from "./run.mjs";

const EXAMPLE = /(?<=^<!-- (examples\/\S+) -->\n```\w*\n)[\s\S]*?(?=^```$)/gm;
// A page that shows examples shows no other code, which nobody would run.
const OTHER_CODE = /(?<!^<!-- examples\/\S+ -->\n)^```(html|jsx?|nginx|tsx?)$/gm;
const BLOCK = /^```[\s\S]*?^```$/gm;
const LINK = /\]\(([^)\s]+)\)/g;
const HEADING = /^#+ (.+)$/gm;

/**
 * Fails unless every page is in order.
 * @param {{ write: boolean }} options `write` puts the examples into the pages first
 */
export async function checkMarkdown({ write }) {
  const pages = await files("*.md");
  if (write) for (const page of pages) await writeExamples(page);
  const wrong = [...(await Promise.all(pages.map(faultsOf))).flat(), ...(await unshown(pages))];
  if (wrong.length > 0) throw new Failure(`The documentation is not in order.\n  ${wrong.join("\n  ")}`);
}

/**
 * Files that git knows, or would.
 * @param {string[]} patterns
 */
async function files(...patterns) {
  const listed = await must("git", ["ls-files", "--cached", "--others", "--exclude-standard", ...patterns]);
  return listed.split("\n").filter(Boolean);
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

/** @param {string} page */
async function faultsOf(page) {
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
  for (const [, target = ""] of text.replaceAll(BLOCK, "").matchAll(LINK)) {
    if (!(await leads(page, target))) faults.push(`${page}: ${target} leads nowhere`);
  }
  return faults;
}

/**
 * Whether a link leads to a file, and to a heading where it names one.
 * @param {string} page
 * @param {string} target
 */
async function leads(page, target) {
  if (/^[a-z]+:/.test(target)) return true;
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : short(join(root, dirname(page), path));
  if (!(await stat(join(root, file)).catch(() => undefined))) return false;
  if (anchor === undefined || !file.endsWith(".md")) return true;
  const headings = (await read(file)).replaceAll(BLOCK, "").matchAll(HEADING);
  return [...headings].some(([, heading = ""]) => slug(heading) === anchor);
}

/**
 * A heading's name in an address, as it is made where repositories are shown.
 * @param {string} heading
 */
function slug(heading) {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
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
