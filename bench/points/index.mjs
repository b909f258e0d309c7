// The points, in the order in which they are measured.

import { OTHERS } from "../peers/index.mjs";
import { bytes } from "./bytes.mjs";
import { coldLine, coldNode, coldPage } from "./cold.mjs";
import { cpu } from "./cpu.mjs";
import { ends } from "./ends.mjs";
import { engine } from "./engine.mjs";
import { faults } from "./faults.mjs";
import { latency } from "./latency.mjs";
import { growth, memory } from "./memory.mjs";
import { page } from "./page.mjs";
import { profile } from "./profile.mjs";

const FLOORS = ["floor", "floor-again"];
const BALLAST = ["ballast-text", "ballast-compile"];
// Each peer once, with its defaults.
const USUAL = ["package", ...OTHERS];
const IN_NODE = ["package", "package-node", ...OTHERS];
const A_POLL_EACH = ["package-all", "package-node-all"];

/** The point for some of the peers, in the order of PEERS. */
const only = (world, ...some) => {
  const wanted = new Set(some.flat());
  return { ...world, peers: world.peers.filter((peer) => wanted.has(peer)) };
};

/** One result for each of several sizes. */
async function eachSize(sizes, measure) {
  const results = [];
  for (const size of sizes) results.push({ jobs: size.jobs, samples: await measure(size) });
  return results;
}

/** @type {Record<string, (world: object, sizes: object) => Promise<object>>} */
export const POINTS = {
  bytes: (world) => bytes(only(world, FLOORS[0], USUAL, BALLAST)),
  latency: (world, sizes) => latency(only(world, FLOORS, IN_NODE), sizes.latency),
  cpu: (world, sizes) =>
    eachSize(sizes.cpu, (size) => {
      // Jobs that far outnumber the polls of the defaults take minutes, one poll after the other.
      const defaults = size.jobs > 300 ? [] : ["package", "package-node"];
      return cpu(only(world, FLOORS, defaults, "package-list", A_POLL_EACH, OTHERS), size);
    }),
  ends: (world, sizes) => eachSize(sizes.ends, (size) => ends(only(world, IN_NODE), size)),
  memory: (world, sizes) => memory(only(world, "floor", USUAL, "package-all"), sizes.memory),
  growth: (world, sizes) => growth(only(world, USUAL), sizes.growth),
  coldNode: (world, sizes) => coldNode(only(world, FLOORS, IN_NODE, BALLAST), sizes.coldNode),
  coldPage: (world, sizes) => coldPage(only(world, FLOORS, USUAL, BALLAST), sizes.coldPage),
  coldLine: (world, sizes) =>
    coldLine(only(world, "hand", "package", "core-lro-pipeline", BALLAST), sizes.coldLine),
  page: (world, sizes) => page(only(world, "floor", USUAL, "package-list"), sizes.page),
  faults: (world, sizes) => faults(only(world, USUAL), sizes.faults),
  engine: (_world, sizes) => engine(sizes.engine),
  profile: (world, sizes) => profile(world, sizes.profile),
};

/**
 * A point whose figures mean something else than before has a higher number here. Published figures of another number are not shown.
 */
const SHAPES = { memory: 2, growth: 2, coldPage: 2, faults: 2, engine: 2 };

export const shapeOf = (point) => SHAPES[point] ?? 1;
