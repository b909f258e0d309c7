// Parses this repository's Markdown: titles, headings, links and link targets.

import { posix } from "node:path";

export const BLOCK = /^```[\s\S]*?^```$/gm;
export const LINK = /(?<=\]\()([^)\s]+)(?=\))/g;
const TITLE = /^# (.+)$/m;
const PROSE = /^(?=[\p{L}`[*])[^\n]*(?:\n[\p{L}`[*][^\n]*)*/mu;
const ENOUGH = 90;

/** @param {string} text */
export function titleOf(text) {
  return (TITLE.exec(text)?.[1] ?? "").replaceAll("`", "");
}

/**
 * The first sentences of a page's first paragraph, without links and emphasis.
 * @param {string} text
 */
export function beginning(text) {
  const below = text.replace(TITLE, "").replaceAll(BLOCK, "");
  const paragraph = (PROSE.exec(below)?.[0] ?? "").replaceAll("\n", " ");
  const plain = paragraph.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("**", "");
  let kept = "";
  for (const sentence of plain.split(/(?<=[.:])\s+/)) {
    if (kept.length >= ENOUGH) break;
    kept = `${kept} ${sentence}`.trim();
  }
  return kept.replace(/:$/, ".");
}

/**
 * The anchor of a heading, in the format of repository hosts.
 * @param {string} heading
 */
export function slug(heading) {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

/** @param {string} target of a link */
export const isRelative = (target) => !/^([a-z]+:|#|\/)/.test(target);

/**
 * The file and the anchor of a relative link. The file is a path in the repository.
 * @param {string} page
 * @param {string} target
 */
export function linked(page, target) {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : posix.normalize(posix.join(posix.dirname(page), path));
  return { file: file.replace(/\/$/, ""), anchor };
}

/**
 * The relative links of a page's prose.
 * @param {string} text
 */
export function relativeLinks(text) {
  const links = text.replaceAll(BLOCK, "").matchAll(LINK);
  return [...links]
    .map(([target]) => target)
    .filter((target) => isRelative(target) || target.startsWith("#"));
}

/**
 * The anchors of a page's headings.
 * @param {string} text
 */
export function headingsOf(text) {
  return [...text.replaceAll(BLOCK, "").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => slug(heading));
}

/**
 * The titles of a page's sections.
 * @param {string} text
 */
export function sectionsOf(text) {
  const titles = text.replaceAll(BLOCK, "").matchAll(/^## (.+)$/gm);
  return [...titles].map(([, title = ""]) => title.replace(/[.:]$/, ""));
}
