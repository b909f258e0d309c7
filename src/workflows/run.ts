// One run of a workflow: its limits, its steps, and what is done where nobody knows how a call ended.

import { onAbort } from "../js/abort.js";
import { clearTimeout, now, setTimeout } from "../js/clock.js";
import type { CallOptions, CallResult, DeployClient, WaitOptions } from "../js/index.js";
import { isClientError, isInDoubt, PlanError, WorkflowError } from "./errors.js";
import type { Step, WorkflowOptions, WorkflowProgress } from "./types.js";

/** How often a step is tried whose call had no clear end. Between two tries the client's GETs wait for the server. */
const TRIES = 5;
/** Before the second try; doubled before each further one. */
const FIRST_PAUSE_MS = 1_000;
/** Nodes that are described at once. A browser has six connections to a server, and polls need some of them. */
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
  #advice: string;

  /** @throws TypeError or RangeError that names the argument or the option */
  constructor(deploy: DeployClient, options: WorkflowOptions | undefined) {
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
    this.#advice = this.dryRun
      ? "This was a dry run. Nothing was changed."
      : "You can run it again. It keeps existing objects and does not create them again.";
    this.#signal = signal ?? undefined;
    this.#end = timeout === undefined ? undefined : now() + timeout;
    this.#onStep = onStep;
    this.#onProgress = onProgress;
  }

  /** What limits the next call. */
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

  /** What an error of this run is to say besides. */
  advise(advice: string): void {
    this.#advice = advice;
  }

  /** Tells a step. One that was made or changed is not told again as found; what differed before it still did. */
  tell({ name, target, done, job, ...step }: Step): void {
    const key = JSON.stringify([name, target]);
    const before = this.#steps.get(key);
    if (done === "found" && before) return;
    const differs = step.differs?.length ? step.differs : (before?.differs ?? []);
    const told = Object.freeze({
      name,
      target,
      done,
      ...(job && { job }),
      ...(differs.length > 0 && { differs: Object.freeze([...differs]) }),
    });
    this.#steps.set(key, told);
    try {
      // It may be an async function.
      Promise.resolve(this.#onStep?.(told)).catch(() => {});
    } catch {
      // What looks on harms nothing.
    }
  }

  /** Calls the server. A dry run must not come here. */
  send(method: string, path: string, options?: CallOptions): Promise<CallResult> {
    return this.finish(method, path, { ...this.limits, ...options });
  }

  /** The same without the limits of the run: for what is left to do once they have ended it. */
  async finish(method: string, path: string, options?: CallOptions): Promise<CallResult> {
    try {
      return await this.deploy.request(method, path, options);
    } catch (error) {
      if (isInDoubt(error)) this.#inDoubt.add(error as object);
      throw error;
    }
  }

  /**
   * Carries out a step that looks first and then does what is left to do. Where a call of it had no clear end it is
   * tried again, and the look tells what became of the call. A look itself is retried by the client alone.
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

  /** Gives a server time that answers GETs and does not take changes. A signal ends it. */
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

  /** Gives an error what it says of the whole. */
  explain(error: unknown): unknown {
    // What is wrong in the plan itself is not about this run.
    if (error instanceof PlanError && this.#steps.size === 0) return error;
    if (!(isClientError(error) || error instanceof PlanError || error instanceof WorkflowError)) return error;
    const steps = this.steps;
    const workflow: WorkflowProgress = Object.freeze({ steps, advice: this.#advice });
    // What is refused is the last call alone.
    const hasChanged = steps.some(({ done }) => done === "made" || done === "changed");
    const isAbandoned = isClientError(error) && error.code !== "HTTP" && error.code !== "AUTH";
    const isUnknown = hasChanged && isAbandoned && error.outcome === "refused";
    return Object.assign(error, { workflow, ...(isUnknown && { outcome: "unknown" }) });
  }
}

/** Carries a workflow out, and gives its errors what they say of the whole. */
export async function carryOut<T>(
  deploy: DeployClient,
  options: WorkflowOptions | undefined,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  const run = new Run(deploy, options);
  try {
    return await work(run);
  } catch (error) {
    throw run.explain(error);
  }
}

/** Works on several things at once. After a failure nothing more is begun; what has begun ends first. */
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
