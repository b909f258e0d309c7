// help: shows the help of the program or of one command.

import type { Arguments } from "../arguments.js";
import { commandIn, listed } from "../arguments.js";
import { helpOf, helpOfGroup, helpText } from "../help.js";
import { SUCCESS } from "../outcome.js";
import { print } from "../print.js";
import { commandNames, groups } from "../table.js";
import { UsageError } from "../usage.js";

export function help({ words }: Arguments): number {
  print(textFor(words));
  return SUCCESS;
}

function textFor(words: readonly string[]): string {
  const [name, more] = commandIn(words);
  if (words.length === 0) return helpText();
  if (name !== undefined && more.length === 0) return helpOf(name);
  const group = words.join(" ").toLowerCase();
  if (groups.includes(group)) return helpOfGroup(group);
  throw new UsageError(`help: expected ${listed(commandNames)}`);
}
