// What the workflows take and give.

import type { DeployError, JobSnapshot, WaitOptions } from "../js/index.js";

/**
 * One step of a workflow, told once it is done.
 *
 * @example
 * ```ts
 * const onStep = ({ name, target, done }: Step) => console.error(`${done}: ${name} ${target}`);
 * ```
 */
export interface Step {
  /** What it is about: `login`, `host`, `cluster`, `node`, `deploy`, `power off`, `delete`, `resize`, `license`, `backup`. */
  readonly name: string;
  /** Which one: a name, an address or a serial number. */
  readonly target: string;
  /** `found`: nothing was to be done. `planned`: a dry run would have done it. */
  readonly done: "found" | "made" | "changed" | "planned";
  /** The job that did it, at its end. */
  readonly job?: JobSnapshot;
  /** Where Deploy had, or still has, something else than the plan, each by its place in the plan. Holds no password. */
  readonly differs?: readonly string[];
}

/**
 * The options of every workflow. `signal` and `timeout` apply to the whole, in milliseconds; they end the waiting, and
 * a job that runs goes on. The workflow can be run again afterwards.
 *
 * @example
 * ```ts
 * const options: WorkflowOptions = { dryRun: true, onStep: ({ name, target }) => console.log(name, target) };
 * ```
 */
export interface WorkflowOptions extends Omit<WaitOptions, "onProgress"> {
  /** Ends the waiting. The promise rejects with `signal.reason`. */
  signal?: AbortSignal | null;
  /**
   * The longest duration of the whole in milliseconds; `Infinity` for no limit. Then the promise rejects with a
   * WaitTimeoutError, whose `token` resumes the wait for a job that was accepted. Default: the client's, for each call.
   */
  timeout?: number;
  /** Is called with each step once it is done. What it throws, or rejects with, harms nothing. */
  onStep?: (step: Step) => void;
  /** Is called for each job as {@link WaitOptions.onProgress}. */
  onProgress?: WaitOptions["onProgress"];
  /** Reads and checks, and changes nothing. It reports each step that a run would take as `planned`. Default: false. */
  dryRun?: boolean;
}

/**
 * What an error of a workflow has besides, as its member `workflow`: an error of the client as well as one of these
 * functions. A reason of `signal` has it not.
 *
 * @example
 * ```ts
 * const { workflow } = error as { workflow?: WorkflowProgress };
 * console.error(workflow?.advice);
 * ```
 */
export interface WorkflowProgress {
  /** The steps that are done. */
  readonly steps: readonly Step[];
  /** What can be done next, in words: where the events of a deploy are, what was rolled back. */
  readonly advice: string;
}

/**
 * What {@link createCluster} resolves with.
 *
 * @example
 * ```ts
 * const { id, job }: CreatedCluster = await createCluster(deploy, plan);
 * ```
 */
export interface CreatedCluster {
  /** The cluster's id; empty after a dry run of a cluster that is not there. */
  id: string;
  /** The job that deployed it; absent where it was deployed before, and where Deploy does not list its jobs. */
  job?: JobSnapshot;
  /** All steps, in the order in which they were done. */
  steps: readonly Step[];
}

/** An error of the client, as far as the workflows look at it. Its class may be that of another of the package's entries. */
export type ClientError = DeployError & { readonly status?: number; readonly text?: string };
