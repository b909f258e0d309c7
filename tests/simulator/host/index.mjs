// The entry ontap-select-deploy/simulator for runtimes other than Node, Deno and Bun.

export { createSimulator } from "./machine.mjs";
export { createVirtualClock } from "./virtual-clock.mjs";

/** @type {typeof import("./types.d.ts").listen} */
export async function listen() {
  throw new Error("listen: only Node, Deno and Bun can listen; in a page, use the simulator's fetch");
}
