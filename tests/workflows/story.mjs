// Generates a history from a seed, as plain data: the VM's settings, the plans, the runs and their faults. Plain data can
// be shrunk and printed.

import { Dice } from "./dice.mjs";
import { CORRECTIONS, planOf, TROUBLES } from "./plans.mjs";

/** @param {number} seed */
export function tell(seed) {
  const dice = new Dice(seed);
  const goal = dice.once(4) ? "gone" : "stand";
  const plans = plansOf(dice);
  const runs = Array.from({ length: dice.between(0, 3) }, () => runOf(dice, plans, goal));
  return {
    seed,
    goal,
    ...surroundings(dice),
    plans,
    runs: goal === "gone" ? [runOf(dice, plans, "stand"), ...runs] : runs,
  };
}

function surroundings(dice) {
  const maybe = (inSoMany, members) => (dice.once(inSoMany) ? members : {});
  const config = {
    stepMs: dice.pick([1, 500, 1000, 5000, 60_000]),
    ...maybe(2, { openHosts: false }),
    ...maybe(2, { refuseUnknownMembers: true }),
    ...maybe(3, { needCredentials: true }),
    ...maybe(3, { objectsAppear: "succeeded" }),
    ...maybe(3, { noOutput: "null" }),
    ...maybe(3, { duplicateHostStatus: 409 }),
    ...maybe(6, { lastModifiedOnlyWhenNamed: true }),
    ...maybe(6, { inclusive: true }),
    ...maybe(6, { timedOut: dice.pick(["noRecord", "nullRecord", "emptyBody", "noContent", "notModified"]) }),
    ...maybe(6, { jobId: dice.pick(["awkward", "numeric"]) }),
    ...maybe(8, { upperCase: true }),
    ...maybe(8, { extraState: "paused" }),
    ...maybe(8, { visibleAfterMs: 700 }),
    ...maybe(8, {
      accept: dice.pick([{ done: true }, { state: false }, { lastModified: false }, { status: 200 }]),
    }),
    ...maybe(24, { purgeMs: dice.pick([2_000, 300_000]) }),
    ...maybe(24, { accept: { job: dice.pick(["noId", "nullJob", "noJob", "empty", "text"]) } }),
  };
  return {
    config,
    ...maybe(3, { jobsList: dice.pick([404, 405]) }),
    ...maybe(3, { latency: dice.pick([5, 300]) }),
    ...maybe(6, { retry: { maxAttempts: 40 } }),
  };
}

function plansOf(dice) {
  const count = dice.pick([1, 1, 1, 1, 2, 2, 2, 4]);
  const site = dice.pick(["vcenter", "vcenter", "esx", "kvm"]);
  const wanted = {
    count,
    site,
    ...(dice.once(3) && { isLicensed: true }),
    ...(dice.once(8) && { isRaid: true }),
    ...(dice.once(4) && { isOneHost: true }),
  };
  const trouble = dice.once(3) ? dice.pick(TROUBLES) : undefined;
  const plans = [planOf({ ...wanted, ...(trouble && { trouble }) })];
  while (dice.once(3) && plans.length < 3) {
    const isOtherCount = dice.once(5);
    const plan = planOf({ ...wanted, ...(isOtherCount && { count: dice.pick([1, 2, 4]) }) });
    for (let corrections = dice.between(1, 3); corrections > 0; corrections -= 1) {
      CORRECTIONS[dice.pick(Object.keys(CORRECTIONS))](plan);
    }
    plans.push(plan);
  }
  return plans;
}

function runOf(dice, plans, goal) {
  const size = 20 + 12 * plans[0].nodes.length;
  const at = () => dice.between(1, size);
  const maybe = (inSoMany, members) => (dice.once(inSoMany) ? members : {});
  return {
    do: dice.once(3) && goal === "gone" ? "delete" : dice.once(10) ? "delete" : "create",
    plan: dice.below(plans.length),
    ...maybe(4, { inhibitRollback: true }),
    ...maybe(8, { twin: true }),
    ...maybe(2, { pause: dice.pick([1, 2_500, 40_000, 3_600_000]) }),
    ...maybe(2, { end: { at: at(), how: dice.pick(["before", "before", "taken", "taken", "abort"]) } }),
    ...maybe(10, { timeout: dice.pick([1, 3_000, 20_000, 600_000]) }),
    ...maybe(2, {
      faults: Array.from({ length: dice.between(1, 4) }, () => ({ at: at(), ...faultOf(dice) })),
    }),
    ...maybe(10, { password: { at: at(), isKnown: !dice.once(3) } }),
    ...maybe(4, {
      others: Array.from({ length: dice.between(1, 2) }, () => ({ at: at(), act: dice.pick(ACTS) })),
    }),
  };
}

const ACTS = [
  "addHosts",
  "addLogins",
  "makeCluster",
  "makeOtherCluster",
  "deploy",
  "deploy",
  "deleteCluster",
  "deleteHosts",
  "powerOff",
  "powerOn",
];

function faultOf(dice) {
  const processed = dice.once(2);
  const action = dice.pick([
    { kind: "reset" },
    { kind: "reset" },
    { kind: "reset" },
    { kind: "status", status: dice.pick([500, 502, 503, 504, 429, 408]) },
    { kind: "status", status: 503, headers: { "retry-after": "7" } },
    { kind: "status", status: 401, headers: { "www-authenticate": "Basic" } },
    { kind: "hang" },
    { kind: "html" },
    { kind: "delay", ms: dice.pick([900, 20_000]) },
    { kind: "truncate", after: dice.below(30) },
    { kind: "stall", after: dice.below(30) },
    { kind: "restart", downMs: dice.pick([4_000, 30_000, 240_000]) },
    { kind: "restart", downMs: dice.pick([4_000, 30_000]) },
  ]);
  // A call that got a 401 changed nothing.
  return action.status === 401 ? { action } : { action, processed };
}
