// What the options of the command line say of one call: its path's params, and its body.

import type { CallOptions } from "../js/index.js";
import type { Arguments } from "./arguments.js";
import { readData } from "./files.js";
import { readForm } from "./form.js";
import type { Progress } from "./progress.js";
import type { Connection } from "./session.js";
import { UsageError } from "./usage.js";
import { readPairs } from "./values.js";

export function readParams({ values }: Arguments): Pick<CallOptions, "params"> {
  return { params: Object.fromEntries(readPairs("--param", values.param)) };
}

export interface Body {
  readonly options: Pick<CallOptions, "body" | "headers">;
  /** Shows how much of it has gone out, where that takes time. */
  watch(progress: Progress): void;
}

export async function readBody({ values }: Arguments, { headers }: Connection): Promise<Body> {
  const isTyped = headers.some(([name]) => name.toLowerCase() === "content-type");
  if (values.form !== undefined) {
    if (values.data !== undefined)
      throw new UsageError("--form: a call has one body, and --data gives it already");
    if (isTyped) throw new UsageError("--header: the content-type of a form is made with it; leave it out");
    const { form, watch } = await readForm(values.form);
    return { options: { body: form }, watch: ({ moved }) => watch(moved) };
  }
  const watch = () => {};
  if (values.data === undefined) return { options: {}, watch };
  const body = await readData(values.data);
  return { options: { body, headers: isTyped ? {} : { "content-type": "application/json" } }, watch };
}
