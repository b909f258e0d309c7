// The sizes of a full run and of a quick one.

import { cpus, totalmem } from "node:os";
import { root } from "../../scripts/lib/paths.mjs";
import { ask } from "../../scripts/lib/run.mjs";

export const AUTHORIZATION = `Basic ${btoa("admin:Netapp1!")}`;

export const FULL = {
  // About twenty jobs run at a time: fewer than the polls that the package keeps open by default.
  latency: { rounds: 7, jobs: 200, batch: 1, everyMs: 20 },
  cpu: [
    { jobs: 200, rounds: 8, changes: 3, changeMs: 500 },
    { jobs: 2_000, rounds: 5, changes: 3, changeMs: 3_000 },
  ],
  ends: [
    { jobs: 100, rounds: 5, everyMs: 1_500 },
    { jobs: 200, rounds: 5, everyMs: 3_000 },
  ],
  memory: { rounds: 2, few: 1_000, jobs: 10_000 },
  growth: { rounds: 1, jobs: 100_000, changes: 10 },
  coldNode: { rounds: 30 },
  coldPage: { rounds: 30 },
  coldLine: { rounds: 30 },
  page: { rounds: 5, jobs: 50, gets: 200, lastMs: 4_000 },
  faults: { limitMs: 30_000 },
  engine: { quick: false },
  profile: { rounds: 3, jobs: 2_000, changes: 3, changeMs: 3_000 },
};

export const QUICK = {
  latency: { rounds: 1, jobs: 40, batch: 1, everyMs: 20 },
  cpu: [{ jobs: 30, rounds: 1, changes: 3, changeMs: 200 }],
  ends: [{ jobs: 120, rounds: 1, everyMs: 300 }],
  memory: { rounds: 1, few: 50, jobs: 200 },
  growth: { rounds: 1, jobs: 2_000, changes: 10 },
  coldNode: { rounds: 2 },
  coldPage: { rounds: 1 },
  coldLine: { rounds: 1 },
  page: { rounds: 1, jobs: 50, gets: 20, lastMs: 800 },
  faults: { limitMs: 16_000 },
  engine: { quick: true },
  profile: { rounds: 1, jobs: 30, changes: 3, changeMs: 200 },
};

/** The machine and the versions, without names. */
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
