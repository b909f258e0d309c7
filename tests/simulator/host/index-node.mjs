// The entry ontap-select-deploy/simulator in Node, Deno and Bun. The machine is in a file that it shares
// with the other entry, which the build lays beside it.

export { createSimulator, createVirtualClock } from "./index.mjs";
export { listen } from "./listen.mjs";
