// One run of a workflow: its limits, its steps, and its handling of calls with an unknown outcome.

import { onAbort } from "../js/abort.js";
import { clearTimeout, now, setTimeout } from "../js/clock.js";
import type { CallOptions, CallResult, DeployClient, WaitOptions } from "../js/index.js";
import { adviceFor, type Task } from "./advice.js";
import { markChanged } from "./changed.js";
import { isClientError, isInDoubt, PlanError, WorkflowError } from "./errors.js";
import type { Step, WorkflowOptions, WorkflowProgress } from "./types.js";

/** Where Deploy reports the details of its work. */
export const EVENTS = "GET /events";
/** How often a step with an unknown outcome is tried. Between two tries, the client's GETs wait for the server. */
const TRIES = 5;
/** The pause before the second try. It doubles for each further try. */
const FIRST_PAUSE_MS = 1_000;
/** How many nodes are described at once. A browser has six connections to a server, and polls need some of them. */
const SIDE_BY_SIDE = 4;

export class Run {
  readonly deploy: DeployClient;
  readonly dryRun: boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #end: number | undefined;
  readonly #onStep: ((step: Step) => unknown) | undefined;
  readonly #onProgress: WaitOptions["onProgress"];
  readonly #steps = new Map<string, Step>();
  readonly #inDoubt = new WeakSet<object>();
  readonly #task: Task;
  #advice: string | undefined;
  /** The latest refusal of a change, whose cause the run waits for. */
  #refusal: { readonly cluster: string; readonly message: string } | undefined;
  #hasChanged = false;

  /** @throws TypeError or RangeError that names the argument or the option. */
  constructor(task: Task, deploy: DeployClient, options: WorkflowOptions | undefined) {
    if (typeof deploy?.request !== "function") throw wrongType("deploy", "a DeployClient");
    if (options !== undefined && Object(options) !== options) throw wrongType("options", "an object");
    const { signal, timeout, onStep, onProgress, dryRun } = options ?? {};
    if (timeout !== undefined) {
      if (typeof timeout !== "number") throw wrongType("timeout", "a number of milliseconds");
      if (!(timeout > 0)) throw new RangeError("timeout: expected more than 0 milliseconds");
    }
    if (onStep !== undefined && typeof onStep !== "function")
      throw wrongType("onStep", "a function that takes the step");
    this.deploy = deploy;
    this.dryRun = readFlag("dryRun", dryRun);
    this.#task = task;
    this.#signal = signal ?? undefined;
    this.#end = timeout === undefined ? undefined : now() + timeout;
    this.#onStep = onStep;
    this.#onProgress = onProgress;
  }

  /** The limits of the next call. */
  get limits(): WaitOptions {
    return {
      ...(this.#signal && { signal: this.#signal }),
      ...(this.#end !== undefined && { timeout: Math.max(1, this.#end - now()) }),
      ...(this.#onProgress && { onProgress: this.#onProgress }),
    };
  }

  /** The steps so far. */
  get steps(): readonly Step[] {
    return Object.freeze([...this.#steps.values()]);
  }

  /** Sets the whole advice for an error of this run. */
  advise(advice: string): void {
    this.#advice = advice;
  }

  /** Notes that Deploy refused to change a cluster, for the advice of a later error. */
  refused(cluster: string, { message }: Error): void {
    this.#refusal = { cluster, message };
  }

  /** Reports a step. A step that was made or changed is not reported again as found, and keeps its differences. */
  tell({ name, target, done, job, ...step }: Step): void {
    const key = JSON.stringify([name, target]);
    const before = this.#steps.get(key);
    if (done === "found" && before) return;
    const differs = step.differs?.length ? step.differs : (before?.differs ?? []);
    const reported = Object.freeze({
      name,
      target,
      done,
      ...(job && { job }),
      ...(differs.length > 0 && { differs: Object.freeze([...differs]) }),
    });
    this.#steps.set(key, reported);
    try {
      // `onStep` may be async.
      Promise.resolve(this.#onStep?.(reported)).catch(() => {});
    } catch {
      // An error of `onStep` must not stop the workflow.
    }
  }

  /** Sends a call. A dry run must not call this. */
  async send(method: string, path: string, options?: CallOptions): Promise<CallResult> {
    const result = await this.finish(method, path, { ...this.limits, ...options });
    this.#hasChanged = true;
    return result;
  }

  /** Sends a call without the limits of the run, for cleaning up after they have ended it. */
  async finish(method: string, path: string, options?: CallOptions): Promise<CallResult> {
    try {
      return await this.deploy.request(method, path, options);
    } catch (error) {
      if (isInDoubt(error)) this.#inDoubt.add(error as object);
      throw error;
    }
  }

  /**
   * Runs a step that first reads the state and then makes the remaining changes. After a call with an unknown outcome,
   * it runs the step again, which reads what the call did. Only the client retries the reads.
   */
  async surely<T>(step: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await step();
      } catch (error) {
        if (tries >= TRIES || !this.#inDoubt.has(Object(error))) throw error;
        await this.#pause(FIRST_PAUSE_MS * 2 ** (tries - 1));
      }
    }
  }

  /** Pauses for a server that responds to GETs but rejects changes. A signal ends the pause. */
  #pause(span: number): Promise<void> {
    const left = this.#end === undefined ? span : Math.max(0, this.#end - now());
    return new Promise((resolve) => {
      let unlisten: (() => void) | undefined;
      const over = () => {
        clearTimeout(clear);
        unlisten?.();
        resolve();
      };
      const clear = setTimeout(over, Math.ceil(Math.min(span, left)));
      unlisten = this.#signal && onAbort(this.#signal, over);
    });
  }

  /** Adds the workflow's progress to an error. */
  explain(error: unknown): unknown {
    // A mistake in the plan itself has no progress.
    if (error instanceof PlanError && this.#steps.size === 0) return error;
    if (!(isClientError(error) || error instanceof PlanError || error instanceof WorkflowError)) return error;
    const steps = this.steps;
    const progress = { steps, advice: this.#adviceFor(error) };
    const workflow: WorkflowProgress = Object.freeze(this.#hasChanged ? markChanged(progress) : progress);
    // `refused` is about the last call only.
    const hasChanged = steps.some(({ done }) => done === "made" || done === "changed");
    const isAbandoned = isClientError(error) && error.code !== "HTTP" && error.code !== "AUTH";
    const isUnknown = hasChanged && isAbandoned && error.outcome === "refused";
    return Object.assign(error, { workflow, ...(isUnknown && { outcome: "unknown" }) });
  }

  #adviceFor(error: Error): string {
    if (this.dryRun) {
      const more =
        error instanceof PlanError
          ? ""
          : adviceFor(error, this.#task, false).replace(/^Nothing was changed\./, "");
      return `This was a dry run. Nothing was changed.${more}`;
    }
    return this.#advice ?? this.#withRefusal(adviceFor(error, this.#task, this.#hasChanged), error);
  }

  #withRefusal(advice: string, error: Error): string {
    if (!this.#refusal) return advice;
    const { cluster, message } = this.#refusal;
    const reason = `Deploy refused to change cluster "${cluster}": ${message.replace(/\.$/, "")}. `;
    return `${message === error.message ? "" : reason}${advice} ${EVENTS} lists what is running.`;
  }
}

/** Runs a workflow and adds its progress to its errors. */
export async function carryOut<T>(
  task: Task,
  deploy: DeployClient,
  options: WorkflowOptions | undefined,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  const run = new Run(task, deploy, options);
  try {
    return await work(run);
  } catch (error) {
    throw run.explain(error);
  }
}

/** Works on several items at once. After a failure it starts no more items and waits for the running ones. */
export async function sideBySide<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const failures: unknown[] = [];
  const next = async () => {
    for (const [index, item] of queue) {
      try {
        await work(item, index);
      } catch (error) {
        failures.push(error);
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, next));
  if (failures.length > 0) throw failures[0];
}

export function readFlag(name: string, value: unknown): boolean {
  if (value !== undefined && typeof value !== "boolean") throw wrongType(name, "true or false");
  return value ?? false;
}

export function readText(name: string, value: unknown, expected: string): string {
  if (typeof value !== "string" || value === "") throw wrongType(name, expected);
  return value;
}

export function wrongType(name: string, expected: string): TypeError {
  return new TypeError(`${name}: expected ${expected}`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
