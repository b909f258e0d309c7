// completion: prints the completion script for a shell.

import type { Arguments } from "../arguments.js";
import { listed } from "../arguments.js";
import { scripts } from "../completion.js";
import { SUCCESS } from "../outcome.js";
import { print } from "../print.js";
import { UsageError } from "../usage.js";

export function completion({ words }: Arguments): number {
  const [shell, ...more] = words;
  const script = Object.entries(scripts).find(([name]) => name === shell)?.[1];
  if (script === undefined || more.length > 0)
    throw new UsageError(`completion: expected ${listed(Object.keys(scripts))}`);
  print(script());
  return SUCCESS;
}
