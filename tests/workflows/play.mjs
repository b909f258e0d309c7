// Runs a history: a sequence of workflow runs with faults against one Deploy, then an undisturbed run. Checks the promises
// after each run, from Deploy's responses.

import { DeployClient } from "ontap-select-deploy";
import { createCluster, deleteCluster } from "ontap-select-deploy/workflows";
import * as promises from "./promises.mjs";
import { World } from "./world.mjs";

/** Limits for the time and the requests of one run. */
const LONGEST_MS = 48 * 3_600_000;
const MOST_REQUESTS = 3_000;

const HOUR = 3_600_000;
/** Each undisturbed run makes progress, for example by one login. */
const MOST_TURNS = 12;

/** The reason of an abort by the test, like Ctrl-C. */
const STOPPED = new Error("stopped by the test");

/**
 * @param {ReturnType<typeof import("./story.mjs").tell>} story
 * @param {import("./virtual-time.mjs").VirtualTime} time
 * @param {string[]} trace Gets one line for each event.
 * @throws Error if a promise is broken.
 */
export async function play(story, time, trace = []) {
  const { config, jobsList, plans, runs, goal } = story;
  const random = Math.random;
  let state = story.seed % 2_147_483_647;
  // The client's jitter.
  Math.random = () => {
    state = (state * 48_271 + 11) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const world = new World(time, { config, jobsList });
  const stage = {
    story,
    time,
    world,
    trace,
    runs: 0,
    /** The password that the programs use. */
    known: world.password,
    /** Whether another client has changed something. */
    touched: false,
    /** The network faults during the current runs. */
    faults: [],
    isPasswordUnsure: false,
    violations: [],
  };
  try {
    for (const run of runs) await act(stage, run, plans[run.plan]);
    await end(stage, plans.at(-1), goal);
    await promises.theLogIsInOrder(stage);
  } finally {
    Math.random = random;
    world.simulator.close();
  }
}

/** One run and its faults. */
async function act(stage, run, plan) {
  const { time, world } = stage;
  if (run.pause) await time.pass(run.pause);
  await world.calm();
  stage.faults = [];
  stage.isPasswordUnsure = stage.known !== world.password;
  const first = begin(stage, run, plan);
  const twin = run.twin ? begin(stage, { do: run.do, plan: run.plan }, plan) : undefined;
  const both = twin ? [first, twin] : [first];
  const outcomes = [];
  for (const one of both) outcomes.push(await one.outcome());
  // From here on, requests have no faults.
  await world.calm();
  for (const [index, one] of both.entries()) {
    one.hadTwin = twin !== undefined;
    await promises.ofEachRun(stage, one, outcomes[index]);
  }
  // It is corrected before the next run.
  stage.known = world.password;
}

/** Undisturbed runs until the final state is reached. */
async function end(stage, plan, goal) {
  const { story, world } = stage;
  await world.calm();
  stage.faults = [];
  stage.isPasswordUnsure = false;
  // A job of an earlier run or of another client may fail only now.
  for (let turn = 1; ; turn += 1) {
    const wasBusy = (await world.runningJobs()).length > 0;
    const before = await world.records();
    const run = begin(stage, { do: goal === "stand" ? "create" : "delete" }, plan);
    const outcome = await run.outcome();
    await promises.ofEachRun(stage, run, outcome);
    const isHidden =
      promises.mayBeHidden(story) &&
      /already (exists|registered)/.test(outcome.error?.message) &&
      promises.obstaclesOf(plan, before, story.config).size === 0;
    if ((wasBusy || isHidden) && outcome.error) {
      if (turn > MOST_TURNS) throw new Error("undisturbed runs keep rejecting");
      await world.rest();
      continue;
    }
    // The obstacle may have ended with the job.
    if (!wasBusy) promises.ofTheEnd(stage, { outcome, before, plan, goal });
    break;
  }
  await again(stage, plan, goal);
}

/** After the final state, another run and a dry run change nothing. */
async function again(stage, plan, goal) {
  const { world } = stage;
  await world.rest();
  const before = await world.records();
  if (!promises.standsAsPlanned(before, plan, goal)) return;
  for (const dryRun of [false, true]) {
    const run = begin(stage, { do: goal === "stand" ? "create" : "delete", dryRun }, plan);
    const outcome = await run.outcome();
    await promises.ofEachRun(stage, run, outcome);
    promises.foundAll(run, outcome);
  }
  promises.same(before, await world.records(), "Deploy's objects after runs without work");
}

/** A running workflow. */
function begin(stage, spec, plan) {
  const { story, time, trace } = stage;
  const number = stage.runs;
  stage.runs += 1;
  const run = {
    number,
    spec,
    plan,
    began: time.now,
    requests: 0,
    changes: 0,
    open: 0,
    disturbed: false,
    steps: [],
    events: [],
    progress: [],
    isDead: false,
    stopped: STOPPED,
    statuses: new Set(),
  };
  trace.push(
    `${at(time)} run ${number}: ${spec.do}${spec.dryRun ? " (dry)" : ""} of plan ${story.plans.indexOf(plan)}`,
  );
  const abort = new AbortController();
  const line = new Line(stage, run, abort);
  const client = clientOf(stage, run, line);
  line.client = client;
  const options = {
    signal: abort.signal,
    onStep: (step) => {
      run.steps.push(step);
      trace.push(
        `${at(time)} run ${number}: step ${step.done} ${step.name} ${step.target} ${(step.differs ?? []).join("; ")}`,
      );
    },
    onProgress: (job) => run.progress.push(job),
    ...(spec.timeout !== undefined && { timeout: spec.timeout }),
    ...(spec.dryRun && { dryRun: true }),
  };
  const work =
    spec.do === "create"
      ? createCluster(client, plan, { ...options, ...(spec.inhibitRollback && { inhibitRollback: true }) })
      : deleteCluster(client, plan.cluster.name, options);
  const settled = work.then(
    (result) => ({ result }),
    (error) => ({ error }),
  );
  run.outcome = async () => {
    const outcome = await time.until(Promise.race([settled, tooLong(time)]));
    line.isOver = true;
    run.ended = time.now;
    run.isLeft = abort.signal.aborted;
    const { error } = outcome;
    trace.push(
      `${at(time)} run ${number}: ${error ? `${error.code ?? error.name}: ${error.message}` : "resolved"}`,
    );
    run.stats = client.stats;
    client.close();
    line.client = undefined;
    // It holds the client, whose `fetch` holds the run.
    run.outcome = undefined;
    return outcome;
  };
  return run;
}

/**
 * In its own scope: the engine holds these functions, and a reference to the client in the same scope would leak it.
 */
function clientOf(stage, run, line) {
  let password = stage.known;
  return new DeployClient({
    baseUrl: "https://deploy.example.com/api",
    auth: ({ status }) => {
      const isAsked = status === 401 && run.spec.password?.isKnown !== false;
      if (isAsked) password = stage.world.password;
      if (isAsked) stage.known = password;
      return `Basic ${btoa(`admin:${password}`)}`;
    },
    headers: { "x-run": String(run.number) },
    fetch: (input, init) => line.fetch(String(input), init),
    onEvent: (event) => run.events.push(event),
    ...(stage.story.retry && { retry: stage.story.retry }),
  });
}

async function tooLong(time) {
  await time.after(LONGEST_MS);
  throw new Error(`a run was not over after ${LONGEST_MS / HOUR} hours`);
}

/** The network of a run's client. */
class Line {
  #stage;
  #run;
  #abort;
  client;
  isOver = false;

  constructor(stage, run, abort) {
    this.#stage = stage;
    this.#run = run;
    this.#abort = abort;
  }

  async fetch(url, init) {
    const run = this.#run;
    const { trace, time } = this.#stage;
    run.requests += 1;
    run.open += 1;
    const number = run.requests;
    const line = `${run.number}.${number} ${init.method} ${shortened(url)}`;
    try {
      if (this.isOver) this.#stage.violations.push(`a request after the end of its run: ${line}`);
      if (number > MOST_REQUESTS) {
        this.#stage.violations.push(`a run has sent ${number} requests`);
        this.#end("before");
      }
      const response = await this.#send(number, url, init);
      run.statuses.add(response.status);
      trace.push(`${at(time)} ${line} → ${response.status}`);
      return response;
    } catch (error) {
      trace.push(`${at(time)} ${line} → ${error?.message}`);
      throw error;
    } finally {
      run.open -= 1;
    }
  }

  async #send(number, url, { method, headers, body, signal }) {
    const { world, story, time } = this.#stage;
    const run = this.#run;
    const { spec } = run;
    // Not during the call of `fetch` itself.
    await undefined;
    if (run.isDead) return gone(signal);
    const { pathname, search } = new URL(url);
    for (const { at: when, act: what } of spec.others ?? []) {
      if (when === number) await this.#disturb(what);
    }
    if (spec.password?.at === number) {
      world.changePassword();
      this.#stage.isPasswordUnsure = true;
      this.#stage.trace.push(`${at(time)} somebody changes the password`);
    }
    if (spec.end?.at === number && spec.end.how !== "taken") {
      this.#end(spec.end.how);
      return gone(signal);
    }
    for (const { at: when, action, processed } of spec.faults ?? []) {
      if (when !== number) continue;
      this.#stage.faults.push(action);
      if (action.status === 401) this.#stage.isPasswordUnsure = true;
      this.#stage.trace.push(
        `${at(time)} ${run.number}.${number} meets ${JSON.stringify(action)} ${processed}`,
      );
      const path = decodeURIComponent(pathname.replace(/^\/api/, ""));
      world.break({ method, path }, action, processed);
    }
    if (story.latency) await Promise.race([time.after(story.latency), gone(signal)]);
    const answering = world.send(method, pathname + search, [...new Headers(headers)], body, signal);
    if (spec.end?.at === number) {
      // The server gets the request, but its response is lost.
      answering.catch(() => {});
      await Promise.race([answering.catch(() => {}), Promise.resolve()]);
      for (let turns = 0; turns < 5; turns += 1) await Promise.resolve();
      this.#end("taken");
      return gone(signal);
    }
    const answer = await answering;
    if (method !== "GET" && answer.status < 300) run.changes += 1;
    return world.respond(answer, signal);
  }

  /** The process dies, so that no further request reaches the server, or the user stops the run. */
  #end(how) {
    const run = this.#run;
    this.#stage.trace.push(`${at(this.#stage.time)} run ${run.number} ends: ${how}`);
    run.wasEnded = how;
    if (how === "abort") return this.#abort.abort(STOPPED);
    run.isDead = true;
    this.client?.close();
  }

  async #disturb(what) {
    const run = this.#run;
    run.disturbed = true;
    this.#stage.touched = true;
    const done = await ACTS[what](this.#stage.world, run.plan);
    this.#stage.trace.push(`${at(this.#stage.time)} somebody else: ${what} ${JSON.stringify(done) ?? ""}`);
  }
}

/** A connection without a response, until the client aborts it. */
function gone(signal) {
  return new Promise((_, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave, { once: true });
  });
}

/** The calls of another client, whatever their responses. */
const ACTS = {
  addHosts: async (world, { hosts }) => {
    const list = hosts.map(({ name, type, mgmt_server, username, password }) => ({
      name,
      hypervisor_type: type,
      ...(mgmt_server ? { management_server: mgmt_server } : { credential: { username, password } }),
    }));
    return (await world.ask("POST", "/hosts", { hosts: list })).status;
  },
  addLogins: async (world, { vcenter, hosts }) => {
    const logins = vcenter
      ? [{ ...vcenter, type: "vcenter" }]
      : hosts.map(({ name, username, password }) => ({ hostname: name, username, password, type: "host" }));
    const statuses = [];
    for (const login of logins) {
      statuses.push((await world.ask("POST", "/security/credentials", login)).status);
    }
    return statuses;
  },
  makeCluster: async (world, { cluster, nodes }) =>
    (await world.ask("POST", `/clusters?node_count=${nodes.length}`, { name: cluster.name })).status,
  makeOtherCluster: async (world, { cluster, nodes }) => {
    const count = nodes.length === 1 ? 2 : 1;
    return (await world.ask("POST", `/clusters?node_count=${count}`, { name: cluster.name })).status;
  },
  deploy: async (world, plan) => {
    const there = await clusterOf(world, plan);
    if (!there) return "no cluster";
    const body = { ontap_credential: { password: "pw-of-others" } };
    return (await world.ask("POST", `/clusters/${there.id}/deploy`, body)).status;
  },
  deleteCluster: async (world, plan) => {
    const there = await clusterOf(world, plan);
    return there ? (await world.ask("DELETE", `/clusters/${there.id}?force=true`)).status : "no cluster";
  },
  deleteHosts: async (world, { hosts }) => {
    const statuses = [];
    for (const { id, name } of await world.list("/hosts")) {
      if (hosts.some((host) => host.name === name))
        statuses.push((await world.ask("DELETE", `/hosts/${id}`)).status);
    }
    return statuses;
  },
  powerOff: (world, plan) => power(world, plan, "powered_off"),
  powerOn: (world, plan) => power(world, plan, "powered_on"),
};

async function power(world, plan, availability) {
  const there = await clusterOf(world, plan);
  return there ? (await world.ask("PATCH", `/clusters/${there.id}`, { availability })).status : "no cluster";
}

async function clusterOf(world, { cluster }) {
  const clusters = await world.list("/clusters");
  return clusters.find(({ name }) => name === cluster.name);
}

function shortened(url) {
  return decodeURIComponent(url.replace(/^.*?\/api/, "")).replaceAll(/([0-9a-f]{8})-[0-9a-f-]{27}/g, "$1");
}

function at(time) {
  return `${(time.now / 1000).toFixed(3)} s`;
}
