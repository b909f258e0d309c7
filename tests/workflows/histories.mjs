// Runs histories by their seeds, in this thread or as a worker.

import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { play } from "./play.mjs";
import { shrink } from "./shrink.mjs";
import { tell } from "./story.mjs";
import { VirtualTime } from "./virtual-time.mjs";

/** How many failed histories are shrunk. */
const MOST_FAILURES = 5;
/** The number of trace lines in a report. */
const LONGEST_TRACE = 120;

/**
 * Runs one history.
 *
 * @returns {Promise<{ trace: string[], error?: unknown }>}
 */
export async function playStory(story) {
  const time = new VirtualTime();
  const trace = [];
  time.install();
  try {
    await play(story, time, trace);
    return { trace };
  } catch (error) {
    return { trace, error };
  } finally {
    time.uninstall();
  }
}

/** Runs the history of a seed. If it fails, returns a report of the shortest history with the same failure. */
export async function playSeed(seed) {
  const story = tell(seed);
  const { error } = await playStory(story);
  if (error === undefined) return undefined;
  const wanted = kindOf(error);
  const shortest = await shrink(story, async (one) => kindOf((await playStory(one)).error) === wanted);
  const { trace, error: again } = await playStory(shortest);
  return report(seed, shortest, trace, again ?? error);
}

function report(seed, story, trace, error) {
  const lines = [
    `history ${seed} fails; WORKFLOWS_SEED=${seed} plays it alone`,
    JSON.stringify(story, undefined, 1).replaceAll(/\n */g, " "),
    ...(trace.length > LONGEST_TRACE ? ["…"] : []),
    ...trace.slice(-LONGEST_TRACE),
    String(error?.stack ?? error),
  ];
  return lines.join("\n");
}

/** The first line of the error without ids, which differ between histories. */
function kindOf(error) {
  const [line] = String(error?.message).split("\n");
  return error && line.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, "…");
}

if (!isMainThread) {
  const { first, end, step } = workerData;
  const failures = [];
  let played = 0;
  for (let seed = first; seed < end && failures.length < MOST_FAILURES; seed += step) {
    const failure = await playSeed(seed);
    if (failure) failures.push(failure);
    played += 1;
  }
  parentPort.postMessage({ played, failures });
}
