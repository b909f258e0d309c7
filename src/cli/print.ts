// Standard output is for programs: JSON, or the requested data. Standard error is for people.

import { withoutSecrets } from "./secrets.js";
import { NAME } from "./table.js";
import { escapeControls } from "./terminal.js";

/** On a terminal one member per line, otherwise one line. */
export function json(value: unknown): string {
  return `${escapeControls(JSON.stringify(value, hideSecrets, process.stdout.isTTY ? 2 : 0))}\n`;
}

/** Always one line. */
export function jsonLine(value: unknown): string {
  return `${escapeControls(JSON.stringify(value, hideSecrets))}\n`;
}

// Masks each value separately, so that the result stays valid JSON.
function hideSecrets(_: string, value: unknown): unknown {
  return typeof value === "string" ? withoutSecrets(value) : value;
}

export function print(text: string): void {
  process.stdout.write(text);
}

export function printError(text: string): void {
  process.stderr.write(`${NAME}: ${escapeControls(withoutSecrets(text))}\n`);
}
