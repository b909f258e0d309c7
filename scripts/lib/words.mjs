// The banned turns of scripts/words.json in the prose of the documentation and in comments. An own list of patterns:
// the package of `vale` downloads its program from a code host, and larger linters bring rules that nobody here wants.

import { readFile } from "node:fs/promises";
import { BLOCK } from "./markdown.mjs";
import { root } from "./paths.mjs";
import { tracked } from "./site-pages.mjs";

/** @typedef {{ pattern: RegExp, instead: string }} Turn */
/** @typedef {{ file: string, line: number, turn: string, instead: string }} Hit */

const PAGES = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "site/*.md"];
const SOURCES = ["src/*.rs", "src/*.ts", "tests/simulator/host/types.d.ts"];
const DOC_COMMENT = /^\s*(\/\/[/!]? |\*(?!\/) ?|\/\*\*)/;

/**
 * Every banned turn in the pages and in the comments of the code that ships.
 * @returns {Promise<Hit[]>}
 */
export async function bannedTurns() {
  /** @type {{ pattern: string, instead: string }[]} */
  const listed = JSON.parse(await readFile(`${root}/scripts/words.json`, "utf8"));
  const turns = listed.map(({ pattern, instead }) => ({ pattern: new RegExp(pattern, "gim"), instead }));
  const [pages, sources] = await Promise.all([tracked(...PAGES), tracked(...SOURCES)]);
  const found = await Promise.all([
    ...pages.map(async (file) => hits(file, proseOf(await readFile(`${root}/${file}`, "utf8")), turns)),
    ...sources.map(async (file) => hits(file, commentsOf(await readFile(`${root}/${file}`, "utf8")), turns)),
  ]);
  return found.flat();
}

/**
 * @param {string} file
 * @param {string} prose
 * @param {Turn[]} turns
 * @returns {Hit[]}
 */
function hits(file, prose, turns) {
  return turns.flatMap(({ pattern, instead }) =>
    [...prose.matchAll(pattern)].map((match) => ({
      file,
      line: prose.slice(0, match.index).split("\n").length,
      turn: match[0].replaceAll(/\s+/g, " "),
      instead,
    })),
  );
}

/**
 * A page without code, addresses and comments; every line stays where it is.
 * @param {string} text
 */
function proseOf(text) {
  return text
    .replaceAll(BLOCK, lines)
    .replaceAll(/<!--[\s\S]*?-->/g, lines)
    .replaceAll(/`[^`\n]*`/g, "…")
    .replaceAll(/\]\([^)\s]*\)/g, "]");
}

/** @param {string} text */
const lines = (text) => text.replaceAll(/[^\n]/g, "");

/**
 * The comments of a source; every line stays where it is.
 * @param {string} text
 */
function commentsOf(text) {
  return text
    .split("\n")
    .map((line) => (DOC_COMMENT.test(line) ? line.replace(DOC_COMMENT, "").replaceAll(/`[^`]*`/g, "…") : ""))
    .join("\n");
}
