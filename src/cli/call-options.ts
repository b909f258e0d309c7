// Reads a call's path parameters and body from the options.

import type { CallOptions } from "../js/index.js";
import type { Arguments } from "./arguments.js";
import { readData } from "./files.js";
import { readForm } from "./form.js";
import type { Connection } from "./session.js";
import { UsageError } from "./usage.js";
import { readPairs } from "./values.js";

export function readParams({ values }: Arguments): Pick<CallOptions, "params"> {
  return { params: Object.fromEntries(readPairs("--param", values.param)) };
}

/** The body of a call. */
export async function readBody(
  { values }: Arguments,
  { headers }: Connection,
): Promise<Pick<CallOptions, "body" | "headers">> {
  const isTyped = headers.some(([name]) => name.toLowerCase() === "content-type");
  if (values.form !== undefined) {
    if (values.data !== undefined) throw new UsageError("--form: cannot be combined with --data");
    if (isTyped) throw new UsageError("--header: --form sets the content-type itself; leave it out");
    return { body: await readForm(values.form) };
  }
  if (values.data === undefined) return {};
  const body = await readData(values.data);
  return { body, headers: isTyped ? {} : { "content-type": "application/json" } };
}

/** The number of bytes of the files in a body. */
export function fileBytes(body: unknown): number {
  if (!(body instanceof FormData)) return 0;
  return [...body.values()].reduce((sum, value) => sum + (typeof value === "string" ? 0 : value.size), 0);
}
