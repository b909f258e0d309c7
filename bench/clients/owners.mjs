// The times of a profile, summed by the code that ran.

import { Session } from "node:inspector/promises";

const INTERVAL_MICROSECONDS = 200;

/** Starts a profile. Returns a function that ends it and returns milliseconds by owner. */
export async function profile() {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: INTERVAL_MICROSECONDS });
  await session.post("Profiler.start");
  return async () => {
    const { profile } = await session.post("Profiler.stop");
    session.disconnect();
    return byOwner(profile);
  };
}

function byOwner({ nodes, samples, timeDeltas }) {
  const owners = new Map();
  const above = new Map();
  for (const { id, children = [] } of nodes) for (const child of children) above.set(child, id);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const ownerOf = (id) => {
    if (!owners.has(id))
      owners.set(
        id,
        owner(byId.get(id).callFrame, () => ownerOf(above.get(id))),
      );
    return owners.get(id);
  };
  const found = {};
  for (const [at, id] of samples.entries()) {
    const name = ownerOf(id);
    if (name) found[name] = (found[name] ?? 0) + timeDeltas[at] / 1_000;
  }
  return found;
}

// Built-in functions have no address and count for their caller. So does WebAssembly, which `fetch` uses too.
function owner({ url, functionName }, ofCaller) {
  if (functionName === "(idle)") return undefined;
  if (functionName === "(garbage collector)") return "garbage";
  if (url.startsWith("node:internal/deps/undici")) return "fetch";
  if (url.startsWith("node:")) return "node";
  if (url.startsWith("wasm:")) return ["face", "engine"].includes(ofCaller()) ? "engine" : ofCaller();
  if (url.includes("/ontap-select-deploy/")) return "face";
  if (url) return "others";
  return functionName.startsWith("(") ? "node" : ofCaller();
}
