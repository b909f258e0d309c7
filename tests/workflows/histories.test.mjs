// Random histories of createCluster and deleteCluster in virtual time: processes die during a request, connections break,
// the VM restarts, passwords change, other clients interfere, and plans are corrected. At the end the plan is deployed, or
// the error gives the reason.
//
// `WORKFLOWS_HISTORIES=10000` runs more histories, `WORKFLOWS_FIRST=5000000` other ones, and `WORKFLOWS_SEED=17` only the
// history of that seed.

import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import test from "node:test";
import { Worker } from "node:worker_threads";
import { playSeed, playStory } from "./histories.mjs";
import { tell } from "./story.mjs";

const HISTORIES = 1_200;

const { WORKFLOWS_SEED, WORKFLOWS_FIRST = "0", WORKFLOWS_HISTORIES = String(HISTORIES) } = process.env;
const first = Number(WORKFLOWS_FIRST);
const end = first + Number(WORKFLOWS_HISTORIES);

if (WORKFLOWS_SEED !== undefined) {
  test(`history ${WORKFLOWS_SEED}`, async () => {
    const failure = await playSeed(Number(WORKFLOWS_SEED));
    assert.equal(failure, undefined, failure);
  });
} else {
  test(`histories ${first} to ${end - 1}: the plan is deployed, or the error gives the reason`, async () => {
    const step = Math.min(availableParallelism(), end - first);
    const parts = await Promise.all(Array.from({ length: step }, (_, index) => part(first + index, step)));
    const failures = parts.flatMap(({ failures }) => failures);
    assert.equal(failures.length, 0, `\n${failures.join("\n\n")}`);
    const played = parts.reduce((sum, { played }) => sum + played, 0);
    assert.equal(played, end - first);
  });

  test("a seed always gives the same history", async () => {
    for (const seed of [3, 11]) {
      const [one, other] = [await playStory(tell(seed)), await playStory(tell(seed))];
      assert.ok(one.trace.length > 10);
      assert.deepEqual(one.trace, other.trace);
    }
  });
}

/** Each thread has its own clock. */
function part(from, step) {
  const worker = new Worker(new URL("./histories.mjs", import.meta.url), {
    workerData: { first: from, end, step },
  });
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`a thread of histories ended with code ${code}`)));
  });
}
