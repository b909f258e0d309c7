// The points in their order. Pages come first: two others load them.

import { bytes } from "./bytes.mjs";
import { coldNode, coldPage } from "./cold.mjs";
import { cpu } from "./cpu.mjs";
import { engine } from "./engine.mjs";
import { faults } from "./faults.mjs";
import { latency } from "./latency.mjs";
import { growth, memory } from "./memory.mjs";
import { page } from "./page.mjs";
import { profile } from "./profile.mjs";

// Settings of the package stand beside its defaults where they make a difference. The floor has nothing to forget, and meets no
// fault: it waits for no job that it does not know.
const without = (world, ...left) => ({ ...world, peers: world.peers.filter((peer) => !left.includes(peer)) });
const inPages = (world) => without(world, "package-node");
const defaults = (world) => without(inPages(world), "package-list", "package-all");
const waiters = (world) => without(defaults(world), "floor");

/** @type {Record<string, (world: object, sizes: object) => Promise<object>>} */
export const POINTS = {
  bytes: (world) => bytes(inPages(world)),
  latency: (world, sizes) => latency(defaults(world), sizes.latency),
  cpu: async (world, sizes) => {
    const results = [];
    for (const size of sizes.cpu) {
      // By itself it asks for jobs that outnumber its slots ten times a second: thousands of them, one by one, would take many minutes.
      // And nodeFetch opens 256 sockets to one server, so that no more polls are open.
      const some = size.jobs > 300 ? without(world, "package", "package-node") : world;
      results.push({ jobs: size.jobs, samples: await cpu(some, size) });
    }
    return results;
  },
  memory: (world, sizes) => memory(without(inPages(world), "package-list"), sizes.memory),
  growth: (world, sizes) => growth(waiters(world), sizes.growth),
  coldNode: (world, sizes) => coldNode(defaults(world), sizes.coldNode),
  coldPage: (world, sizes) => coldPage(defaults(world), sizes.coldPage),
  page: (world, sizes) => page(without(inPages(world), "package-all"), sizes.page),
  faults: (world, sizes) => faults(waiters(world), sizes.faults),
  engine: (_world, sizes) => engine(sizes.engine),
  profile: (world, sizes) => profile(world, sizes.profile),
};
