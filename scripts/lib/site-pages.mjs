// Lists the pages of the documentation in the order of site/contents.json, and converts them for the site.

import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { isRelative, linked, titleOf } from "./markdown.mjs";
import { root } from "./paths.mjs";
import { must } from "./run.mjs";

/** The pages of the site that are not in docs/, with their names in the site. */
const OUTSIDE = new Map([
  ["README.md", "readme.md"],
  ["CHANGELOG.md", "changelog.md"],
  ["SECURITY.md", "security.md"],
  ["CONTRIBUTING.md", "contributing.md"],
]);

/**
 * @typedef {object} Page
 * @property {string} file in the repository
 * @property {string} page its path in the site
 * @property {string} text
 * @property {string} title
 */

/** @typedef {{ title: string, pages: Page[] }} Group */

/**
 * The pages of docs/ in their groups. Pages that site/contents.json does not list come last.
 * @returns {Promise<Group[]>}
 */
export async function contents() {
  const [groups, present] = await Promise.all([listed(), docsPages()]);
  const names = groups.flatMap(({ pages }) => pages);
  const rest = present.filter((name) => !names.includes(name));
  const all = rest.length > 0 ? [...groups, { title: "More", pages: rest }] : groups;
  return Promise.all(
    all.map(async ({ title, pages }) => ({
      title,
      pages: await Promise.all(
        pages.filter((name) => present.includes(name)).map((name) => readPage(`docs/${name}.md`)),
      ),
    })),
  );
}

/** The mistakes in site/contents.json, which must list each page of docs/ once and nothing else. */
export async function contentsFaults() {
  const [groups, present] = await Promise.all([listed(), docsPages()]);
  const names = groups.flatMap(({ pages }) => pages);
  return [
    ...present
      .filter((name) => !names.includes(name))
      .map((name) => `site/contents.json: ${name} is missing`),
    ...names
      .filter((name, at) => !present.includes(name) || names.indexOf(name) !== at)
      .map((name) => `site/contents.json: ${name} does not exist, or is listed twice`),
  ];
}

/** @returns {Promise<{ title: string, pages: string[] }[]>} */
async function listed() {
  return JSON.parse(await readFile(`${root}/site/contents.json`, "utf8"));
}

/** The pages of docs/, without the extension. */
async function docsPages() {
  return (await docsFiles())
    .filter((file) => file.endsWith(".md"))
    .map((file) => file.slice(0, -".md".length));
}

/** The files of docs/, as paths relative to it. */
export async function docsFiles() {
  const entries = await readdir(`${root}/docs`, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(`${root}/docs`, join(entry.parentPath, entry.name)))
    .sort();
}

/** The pages of the site that are not in docs/. */
export function outsidePages() {
  return Promise.all([...OUTSIDE.keys()].map(readPage));
}

/**
 * Files that git tracks or would track.
 * @param {string[]} patterns
 */
export async function tracked(...patterns) {
  const listed = await must("git", ["ls-files", "--cached", "--others", "--exclude-standard", ...patterns]);
  return listed.split("\n").filter(Boolean);
}

/**
 * @param {string} file
 * @returns {Promise<Page>}
 */
async function readPage(file) {
  const text = await readFile(`${root}/${file}`, "utf8");
  return { file, page: nameInSite(file) ?? file, text, title: titleOf(text) };
}

/**
 * The path of a repository's file in the site, or undefined.
 * @param {string} file
 */
function nameInSite(file) {
  if (file.startsWith("docs/")) return file.slice("docs/".length).replace(/README\.md$/, "index.md");
  return OUTSIDE.get(file);
}

/**
 * A page's text for the site. Links to pages and examples are adapted. A link to anything else becomes plain text.
 * @param {Page} page
 * @param {Set<string>} examples the files of examples/
 * @param {string} base the path of the site on the web server
 */
export function forSite({ file, page, text }, examples, base) {
  const up = "../".repeat(page.split("/").length - 1) || "./";
  /** @param {string} target */
  const inSite = (target) => {
    if (!isRelative(target)) return target;
    const { file: to, anchor } = linked(file, target);
    if (examples.has(to)) return `${base}${to}`;
    const place = nameInSite(to);
    if (place === undefined) return undefined;
    if (/\.json$/.test(place)) return `/${place}`;
    return `${up}${place}${anchor === undefined ? "" : `#${anchor}`}`;
  };
  return outsideOfCode(text, (prose) =>
    prose
      .replaceAll(/(?<!!)\[([^\]]*)\]\(([^)\s]+)\)/g, (_link, label, target) => {
        const to = inSite(target);
        if (to === undefined) return label;
        // Without a target, VitePress takes a file with an extension that it does not know for a page.
        const isFile = to.startsWith(`${base}examples/`);
        return `[${label}](${to})${isFile ? '{target="_self"}' : ""}`;
      })
      .replaceAll(
        /(?<=<(?:img|source)\b[^>]*\s(?:src|srcset)=")([^"]+)(?=")/g,
        (target) => inSite(target) ?? target,
      )
      .replaceAll(/(?<=!\[[^\]]*\]\()([^)\s]+)(?=\))/g, (target) => inSite(target) ?? target),
  );
}

/**
 * Changes a page's prose but not its code blocks.
 * @param {string} text
 * @param {(prose: string) => string} change
 */
function outsideOfCode(text, change) {
  return text
    .split(/(^```[\s\S]*?^```$)/gm)
    .map((part) => (part.startsWith("```") ? part : change(part)))
    .join("");
}
