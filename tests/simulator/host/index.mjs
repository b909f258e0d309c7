// The entry ontap-select-deploy/simulator, where there is no Node.

export { createSimulator } from "./machine.mjs";
export { createVirtualClock } from "./virtual-clock.mjs";

/** @type {typeof import("./types.d.ts").listen} */
export async function listen() {
  throw new Error("listen: only Node, Deno and Bun can listen; a page calls the simulator's own fetch");
}
