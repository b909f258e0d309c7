// Standard output is for programs: JSON, or what was asked for. Standard error is for people.

import { withoutSecrets } from "./secrets.js";
import { NAME } from "./table.js";
import { escapeControls } from "./terminal.js";

/** For a person one member a line, for a program one line. */
export function json(value: unknown): string {
  return `${escapeControls(JSON.stringify(value, hideSecrets, process.stdout.isTTY ? 2 : 0))}\n`;
}

/** One line, on a terminal too. */
export function jsonLine(value: unknown): string {
  return `${escapeControls(JSON.stringify(value, hideSecrets))}\n`;
}

// Value by value, so that the rest stays JSON.
function hideSecrets(_: string, value: unknown): unknown {
  return typeof value === "string" ? withoutSecrets(value) : value;
}

export function print(text: string): void {
  process.stdout.write(text);
}

export function printError(text: string): void {
  process.stderr.write(`${NAME}: ${escapeControls(withoutSecrets(text))}\n`);
}
