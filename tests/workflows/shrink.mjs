// Shrinks a failing history to the parts that its failure needs.

const MOST_TRIES = 400;

/**
 * @template Story
 * @param {Story} story A failing history.
 * @param {(story: Story) => Promise<boolean>} fails Whether a history fails in the same way.
 */
export async function shrink(story, fails) {
  let smallest = story;
  let tries = 0;
  for (let isSmaller = true; isSmaller && tries < MOST_TRIES; ) {
    isSmaller = false;
    for (const smaller of cuts(smallest)) {
      tries += 1;
      if (tries > MOST_TRIES) break;
      if (!(await fails(smaller))) continue;
      smallest = smaller;
      isSmaller = true;
      break;
    }
  }
  return smallest;
}

/** The history without one part, the largest parts first. */
function* cuts(story) {
  for (const index of story.runs.keys()) yield { ...story, runs: story.runs.toSpliced(index, 1) };
  // The last plan is the one to deploy.
  for (const [index, run] of story.runs.entries()) {
    for (const member of Object.keys(run)) {
      if (member === "do" || member === "plan") continue;
      const { [member]: _, ...less } = run;
      yield { ...story, runs: story.runs.with(index, less) };
      if (!Array.isArray(run[member])) continue;
      for (const at of run[member].keys()) {
        const shorter = { ...run, [member]: run[member].toSpliced(at, 1) };
        yield { ...story, runs: story.runs.with(index, shorter) };
      }
    }
  }
  for (const member of Object.keys(story.config)) {
    const { [member]: _, ...config } = story.config;
    yield { ...story, config };
  }
  for (const member of ["jobsList", "latency", "retry"]) {
    if (!(member in story)) continue;
    const { [member]: _, ...less } = story;
    yield less;
  }
  for (const [index, run] of story.runs.entries()) {
    const last = story.plans.length - 1;
    if (run.plan !== last) yield { ...story, runs: story.runs.with(index, { ...run, plan: last }) };
  }
  for (const index of story.plans.keys()) {
    if (index === story.plans.length - 1 || story.runs.some(({ plan }) => plan === index)) continue;
    const runs = story.runs.map((run) => ({ ...run, plan: run.plan > index ? run.plan - 1 : run.plan }));
    yield { ...story, plans: story.plans.toSpliced(index, 1), runs };
  }
}
