// Every link of the built site leads somewhere, and no page asks another host for anything.

import { readdir, readFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { Failure } from "./run.mjs";

const REFERENCE =
  /<(?<tag>[a-z]+)\b(?<before>[^>]*?)\s(?<name>href|src|srcset)="(?<value>[^"]*)"(?<after>[^>]*)>/g;
const ID = /\s(?:id|name)="([^"]*)"/g;
const SHOWN = 40;

/**
 * @param {string} folder the built site
 * @param {string} base the path that it is served below
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
  throw new Failure(`The site is not in order.\n  ${[...wrong.slice(0, SHOWN), ...more].join("\n  ")}`);
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
      // A link is followed when somebody wants to; everything else is loaded with the page.
      if (tag !== "a") faults.add(`${page}: <${tag}> loads ${target}`);
    } else if (!/^[a-z]+:/.test(target) && !leads(page, target, base, files, pages)) {
      faults.add(`${page}: ${target} leads nowhere`);
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
  // The console page, next to which `npm start` serves the site.
  if (path === "/") return true;
  let file =
    path === "" ? page : path.startsWith("/") ? posix.relative(base, path) : posix.join(dirname(page), path);
  if (path.startsWith("/") && !`${path}/`.startsWith(base)) return false;
  if (path.endsWith("/") || file === "" || file === ".") file = posix.join(file, "index.html");
  if (!files.has(file)) return false;
  const ids = pages.get(file)?.ids;
  // Rustdoc's pages mark lines of a source by their numbers.
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
