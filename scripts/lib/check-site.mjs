// Checks the built site: no dead links, and no page loads anything from another host.

import { readdir, readFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { Failure } from "./run.mjs";

const REFERENCE =
  /<(?<tag>[a-z]+)\b(?<before>[^>]*?)\s(?<name>href|src|srcset)="(?<value>[^"]*)"(?<after>[^>]*)>/g;
const ID = /\s(?:id|name)="([^"]*)"/g;
const SHOWN = 40;

/**
 * @param {string} folder the built site
 * @param {string} base the path of the site on the web server
 */
export async function checkSite(folder, base) {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Set(names.filter((entry) => entry.isFile()).map((entry) => pathIn(folder, entry)));
  /** @type {Map<string, { text: string, ids: Set<string> }>} */
  const pages = new Map();
  for (const file of files) {
    if (!file.endsWith(".html")) continue;
    const text = await readFile(join(folder, file), "utf8");
    pages.set(file, { text, ids: new Set([...text.matchAll(ID)].map(([, id = ""]) => decoded(id))) });
  }
  const wrong = [...pages].flatMap(([page, { text }]) => faultsOf(page, text, base, files, pages));
  if (wrong.length === 0) return;
  const more = wrong.length > SHOWN ? [`and ${wrong.length - SHOWN} more`] : [];
  throw new Failure(`Mistakes in the site:\n  ${[...wrong.slice(0, SHOWN), ...more].join("\n  ")}`);
}

/**
 * @param {string} folder
 * @param {import("node:fs").Dirent} entry
 */
function pathIn(folder, entry) {
  return posix.join(entry.parentPath.slice(folder.length + 1), entry.name);
}

/**
 * @param {string} page
 * @param {string} text
 * @param {string} base
 * @param {Set<string>} files
 * @param {Map<string, { ids: Set<string> }>} pages
 */
function faultsOf(page, text, base, files, pages) {
  /** @type {Set<string>} */
  const faults = new Set();
  for (const { groups } of text.matchAll(REFERENCE)) {
    const { tag, value = "" } = groups ?? {};
    const target = decoded(value.replaceAll("&amp;", "&"));
    if (/^(https?:)?\/\//.test(target)) {
      // Other elements load their target with the page.
      if (tag !== "a") faults.add(`${page}: <${tag}> loads ${target}`);
    } else if (!/^[a-z]+:/.test(target) && !leads(page, target, base, files, pages)) {
      faults.add(`${page}: dead link ${target}`);
    }
  }
  return [...faults];
}

/**
 * @param {string} page
 * @param {string} target
 * @param {string} base
 * @param {Set<string>} files
 * @param {Map<string, { ids: Set<string> }>} pages
 */
function leads(page, target, base, files, pages) {
  const [address = "", anchor] = target.split("#");
  const path = address.split("?")[0] ?? "";
  // `npm start` serves the console page there.
  if (path === "/") return true;
  let file =
    path === "" ? page : path.startsWith("/") ? posix.relative(base, path) : posix.join(dirname(page), path);
  if (path.startsWith("/") && !`${path}/`.startsWith(base)) return false;
  if (path.endsWith("/") || file === "" || file === ".") file = posix.join(file, "index.html");
  if (!files.has(file)) return false;
  const ids = pages.get(file)?.ids;
  // Anchors in rustdoc's source pages are line numbers.
  const isRust = file.startsWith("rust/");
  return !anchor || ids === undefined || isRust || ids.has(anchor);
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
