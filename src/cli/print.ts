// Standard output is for programs: JSON, or what was asked for. Standard error is for people.

import { NAME } from "./table.js";
import { escapeControls } from "./terminal.js";

/** For a person one member a line, for a program one line. */
export function json(value: unknown): string {
  return `${escapeControls(JSON.stringify(value, null, process.stdout.isTTY ? 2 : 0))}\n`;
}

/** One line, on a terminal too. */
export function jsonLine(value: unknown): string {
  return `${escapeControls(JSON.stringify(value))}\n`;
}

export function print(text: string): void {
  process.stdout.write(text);
}

export function printError(text: string): void {
  process.stderr.write(`${NAME}: ${escapeControls(text)}\n`);
}
