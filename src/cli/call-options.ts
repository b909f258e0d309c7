// What the options of the command line say of one call: its path's params, and its body.

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
    if (values.data !== undefined)
      throw new UsageError("--form: a call has one body, and --data gives it already");
    if (isTyped) throw new UsageError("--header: the content-type of a form is made with it; leave it out");
    return { body: await readForm(values.form) };
  }
  if (values.data === undefined) return {};
  const body = await readData(values.data);
  return { body, headers: isTyped ? {} : { "content-type": "application/json" } };
}

/** How many bytes of files a body has. */
export function fileBytes(body: unknown): number {
  if (!(body instanceof FormData)) return 0;
  return [...body.values()].reduce((sum, value) => sum + (typeof value === "string" ? 0 : value.size), 0);
}
