// What a server writes must not command the terminal: controls do, and characters that nobody sees or that turn
// the direction of text make it say something else.

import { withoutSecrets } from "./secrets.js";

const CONTROLS = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Writes them as `\uXXXX`, which says the same in JSON. Line feeds stay: they part the lines of our own. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

/** A text of the server's in one line. */
export function plain(text: string): string {
  return escapeControls(
    withoutSecrets(text)
      .replace(/[\t\n\r]+/g, " ")
      .trim(),
  );
}
