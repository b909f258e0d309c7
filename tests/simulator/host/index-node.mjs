// The entry ontap-select-deploy/simulator for Node, Deno and Bun. The build puts the machine in a file that both
// entries share.

export { createSimulator, createVirtualClock } from "./index.mjs";
export { listen } from "./listen.mjs";
