// Two HTTP calls that read and switch the faults. They are not part of the API, so no rule applies to them.

import { faultNames } from "./faults.mjs";

/**
 * @import { HttpBindings } from "@hono/node-server"
 * @import { Context, Hono } from "hono"
 * @import { createFaults, FaultName } from "./faults.mjs"
 */

const PATH = "/simulator/faults";

/**
 * @param {Hono<{ Bindings: HttpBindings }>} site
 * @param {ReturnType<typeof createFaults>} faults
 * @param {string} [docs] the address of the documentation, if the server also has it
 */
export function serveSwitches(site, faults, docs) {
  /** @param {Context} context */
  const state = (context) =>
    context.json({ simulator: true, docs, account: faults.account(), faults: faults.list() }, 200, {
      "cache-control": "no-store",
    });

  site.get(PATH, state);
  site.post(PATH, async (context) => {
    // Another origin cannot send JSON without a CORS preflight, which this server does not allow.
    const isJson = context.req.header("content-type")?.split(";")[0] === "application/json";
    const wanted = isJson ? await context.req.json().catch(() => undefined) : undefined;
    if (!isKnown(wanted?.name) || typeof wanted.on !== "boolean") {
      const error = `expected JSON such as {"name": "busy", "on": true}; names: ${faultNames.join(", ")}`;
      return context.json({ error }, 400);
    }
    await faults.set(wanted.name, wanted.on);
    return state(context);
  });
}

/**
 * @param {unknown} name
 * @returns {name is FaultName}
 */
function isKnown(name) {
  return faultNames.some((known) => known === name);
}
