// What is measured with, in full and for a quick look.

import { cpus, totalmem } from "node:os";
import { root } from "../../scripts/lib/paths.mjs";
import { ask } from "../../scripts/lib/run.mjs";

export const AUTHORIZATION = `Basic ${btoa("admin:Netapp1!")}`;

export const FULL = {
  // About twenty are under way at a time: fewer than the package keeps polls open by default.
  latency: { rounds: 5, jobs: 200, batch: 1, everyMs: 20 },
  cpu: [
    { jobs: 200, rounds: 5, changes: 3, changeMs: 500 },
    { jobs: 2_000, rounds: 2, changes: 3, changeMs: 3_000 },
  ],
  memory: { rounds: 2, jobs: 10_000 },
  growth: { rounds: 1, jobs: 100_000 },
  coldNode: { rounds: 15 },
  coldPage: { rounds: 7 },
  page: { rounds: 3, jobs: 50, gets: 200, lastMs: 5_000 },
  faults: { limitMs: 60_000 },
  engine: { quick: false },
  profile: { rounds: 3, jobs: 2_000, changes: 3, changeMs: 3_000 },
};

export const QUICK = {
  latency: { rounds: 1, jobs: 40, batch: 1, everyMs: 20 },
  cpu: [{ jobs: 30, rounds: 1, changes: 3, changeMs: 200 }],
  memory: { rounds: 1, jobs: 200 },
  growth: { rounds: 1, jobs: 5_000 },
  coldNode: { rounds: 2 },
  coldPage: { rounds: 1 },
  page: { rounds: 1, jobs: 50, gets: 20, lastMs: 800 },
  faults: { limitMs: 15_000 },
  engine: { quick: true },
  profile: { rounds: 1, jobs: 30, changes: 3, changeMs: 200 },
};

/** What was measured on and with: kinds and versions, no names. */
export async function surroundings(chromiumVersion, versions) {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString(),
    commit: await ask("git", ["rev-parse", "--short", "HEAD"]),
    changed: ((await ask("git", ["status", "--porcelain", "--", "src", "Cargo.toml"])) ?? "") !== "",
    cpu: cpu.model.trim(),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    chromium: chromiumVersion,
    rust: (await ask("rustc", ["--version"], { cwd: root }))?.split(" ")[1],
    packages: versions,
  };
}
