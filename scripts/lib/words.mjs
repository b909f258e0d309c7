// Finds the banned phrases of scripts/words.json in pages, comments, strings, test names and pictures. Our own list,
// because the npm package of `vale` downloads a binary.

import { readFile } from "node:fs/promises";
import { BLOCK } from "./markdown.mjs";
import { root } from "./paths.mjs";
import { Failure } from "./run.mjs";
import { tracked } from "./site-pages.mjs";

/** @typedef {{ pattern: RegExp, instead: string }} Turn */
/** @typedef {{ file: string, line: number, turn: string, instead: string }} Hit */

const PAGES = ["*.md"];
const SOURCES = ["*.rs", "*.ts", "*.tsx", "*.mjs", "*.js", "*.jsx", "*.vue", "*.svelte", "*.css", "*.html"];
const PICTURES = ["*.svg"];
const SETTINGS = ["*.conf", "*.toml", "*.sh"];
const DOC_COMMENT = /^\s*(\/\/[/!]? |\*(?!\/) ?|\/\*\*)/;
const STRING = /"(?:[^"\\\n]|\\.)*"|`(?:[^`\\\n]|\\.)*`/g;
const TRAILING_COMMENT = /(?<=\s)\/\/ .*$/;
const HASH_COMMENT = /(?<=^|\s)# (.*)$/;
const RUST_TEST = /^\s*(?:async )?fn (\w+)\(\)/;

/**
 * Every banned phrase in the pages, and in the comments, strings and test names of the code.
 * @returns {Promise<Hit[]>}
 */
export async function bannedTurns() {
  /** @type {{ pattern: string, instead: string }[]} */
  const listed = JSON.parse(await readFile(`${root}/scripts/words.json`, "utf8"));
  // A phrase may continue on the next line.
  const turns = listed.map(({ pattern, instead }) => ({
    pattern: new RegExp(pattern.replaceAll(" ", "\\s+"), "gim"),
    instead,
  }));
  /** @type {[string[], (text: string) => string][]} */
  const kinds = [
    [PAGES, proseOf],
    [SOURCES, wordsOf],
    [PICTURES, textOf],
    [SETTINGS, commentsOf],
  ];
  const found = await Promise.all(
    kinds.map(async ([patterns, words]) => {
      const files = await tracked(...patterns);
      return Promise.all(
        files.map(async (file) => hits(file, words(await readFile(`${root}/${file}`, "utf8")), turns)),
      );
    }),
  );
  return found.flat(2);
}

/**
 * A hit as a line.
 * @param {Hit} hit
 */
export const described = ({ file, line, turn, instead }) => `${file}:${line}: "${turn}" (${instead})`;

/** Fails if there is a banned phrase. */
export async function checkWords() {
  const lines = (await bannedTurns()).map(described);
  if (lines.length > 0) throw new Failure(["Banned phrases (scripts/words.json):", ...lines].join("\n"));
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
 * A page without code, URLs and comments. The line numbers do not change.
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
 * The text of a picture. The line numbers do not change.
 * @param {string} text
 */
const textOf = (text) => text.replaceAll(/<style>[\s\S]*?<\/style>/g, lines).replaceAll(/<[^>]*>/g, lines);

/**
 * The comments of a settings file or shell script. The line numbers do not change.
 * @param {string} text
 */
const commentsOf = (text) =>
  text
    .split("\n")
    .map((line) => line.match(HASH_COMMENT)?.[1] ?? "")
    .join("\n");

/**
 * The words of a source: comments, comments after code, strings with a space, and names of Rust tests. The line numbers do not change.
 * @param {string} text
 */
function wordsOf(text) {
  return text
    .split("\n")
    .map((line) => {
      if (DOC_COMMENT.test(line)) return line.replace(DOC_COMMENT, "").replaceAll(/`[^`]*`/g, "…");
      const strings = (line.match(STRING) ?? []).filter((it) => it.includes(" "));
      return [
        ...strings,
        line.match(TRAILING_COMMENT)?.[0],
        line.match(RUST_TEST)?.[1]?.replaceAll("_", " "),
      ].join(" ");
    })
    .join("\n");
}
