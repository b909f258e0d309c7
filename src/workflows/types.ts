// The options and results of the workflows.

import type { DeployError, JobSnapshot, WaitOptions } from "../js/index.js";

/**
 * One finished step of a workflow.
 *
 * @example
 * ```ts
 * const onStep = ({ name, target, done }: Step) => console.error(`${done}: ${name} ${target}`);
 * ```
 */
export interface Step {
  /** The kind of step: `login`, `host`, `cluster`, `node`, `deploy`, `power off`, `delete`, `resize`, `license`, `backup`. */
  readonly name: string;
  /** Its object: a name, an address or a serial number. */
  readonly target: string;
  /** `found`: there was nothing to do. `planned`: in a dry run, a run would do it. */
  readonly done: "found" | "made" | "changed" | "planned";
  /** The finished job of this step. */
  readonly job?: JobSnapshot;
  /** The differences between Deploy and the plan, by their places in the plan. Holds no password. */
  readonly differs?: readonly string[];
}

/**
 * The options of every workflow. `signal` and `timeout` apply to the whole workflow. They end the wait, but a running
 * job continues. You can run the workflow again afterwards.
 *
 * @example
 * ```ts
 * const options: WorkflowOptions = { dryRun: true, onStep: ({ name, target }) => console.log(name, target) };
 * ```
 */
export interface WorkflowOptions extends Omit<WaitOptions, "onProgress"> {
  /** Ends the wait. The promise rejects with `signal.reason`. */
  signal?: AbortSignal | null;
  /**
   * The longest duration of the workflow in milliseconds; `Infinity` means no limit. The promise then rejects with a
   * WaitTimeoutError, whose `token` resumes the wait for an accepted job. Default: the client's `timeout` for each call.
   */
  timeout?: number;
  /** Called with each finished step. The workflow ignores its errors. */
  onStep?: (step: Step) => void;
  /** Called for each job, as in {@link WaitOptions.onProgress}. */
  onProgress?: WaitOptions["onProgress"];
  /** Only reads and checks. Reports the steps that a run would take as `planned`. Default: false. */
  dryRun?: boolean;
}

/**
 * The progress of a workflow, in the member `workflow` of its errors, including the client's errors but not
 * `signal.reason`.
 *
 * @example
 * ```ts
 * const { workflow } = error as { workflow?: WorkflowProgress };
 * console.error(workflow?.advice);
 * ```
 */
export interface WorkflowProgress {
  /** The finished steps. */
  readonly steps: readonly Step[];
  /** What to do next, as text for a person, such as where the events of a deploy are. */
  readonly advice: string;
}

/**
 * The result of {@link createCluster}.
 *
 * @example
 * ```ts
 * const { id, job }: CreatedCluster = await createCluster(deploy, plan);
 * ```
 */
export interface CreatedCluster {
  /** The cluster's id; empty after a dry run if the cluster does not exist. */
  id: string;
  /** The job that deployed it; absent if it was already deployed or Deploy does not list its jobs. */
  job?: JobSnapshot;
  /** All steps in order. */
  steps: readonly Step[];
}

/** An error of the client. Its class may come from another entry of the package. */
export type ClientError = DeployError & { readonly status?: number; readonly text?: string };
