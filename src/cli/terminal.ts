// Makes a server's strings safe for a terminal. Control characters could move the cursor or run commands. Invisible
// characters and direction marks could make the text look different from what it is.

import { withoutSecrets } from "./secrets.js";

const CONTROLS = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Writes such characters as `\uXXXX`, which means the same in JSON. Line feeds stay. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

/** A string from the server, in one line. */
export function plain(text: string): string {
  return escapeControls(
    withoutSecrets(text)
      .replace(/[\t\n\r]+/g, " ")
      .trim(),
  );
}
