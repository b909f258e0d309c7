// help: how the program or one of its commands is used.

import type { Arguments } from "../arguments.js";
import { listed } from "../arguments.js";
import { helpOf, helpText } from "../help.js";
import { SUCCESS } from "../outcome.js";
import { print } from "../print.js";
import { commandNames } from "../table.js";
import { UsageError } from "../usage.js";

export function help({ words }: Arguments): number {
  const [word, ...more] = words;
  const name = commandNames.find((name) => name === word?.toLowerCase());
  if (more.length > 0 || (word !== undefined && name === undefined))
    throw new UsageError(`help: expected ${listed(commandNames)}`);
  print(name === undefined ? helpText() : helpOf(name));
  return SUCCESS;
}
