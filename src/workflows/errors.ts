// Reads the client's errors, and defines the errors of the workflows.

import type { ChangeOutcome } from "../js/index.js";
import type { ClientError, WorkflowProgress } from "./types.js";

/**
 * One mistake in a plan.
 *
 * @example
 * ```ts
 * for (const { place, problem } of (error as PlanError).mistakes) show(place, problem);
 * ```
 */
export interface Mistake {
  /** Where it is, such as `nodes[0].ip`. */
  readonly place: string;
  /** What is wrong there, as the rest of a sentence after the place: `is missing`. */
  readonly problem: string;
}

/**
 * The plan is invalid or does not fit the Deploy VM. Lists all mistakes at once.
 *
 * @example
 * ```ts
 * if (error instanceof PlanError) for (const { place, problem } of error.mistakes) console.error(place, problem);
 * ```
 */
export class PlanError extends TypeError {
  /** `PlanError`. */
  override readonly name: string = "PlanError";
  /** All mistakes, in the order of the plan. */
  readonly mistakes: readonly Mistake[];
  /** The finished steps; absent if the plan itself is invalid. */
  declare readonly workflow?: WorkflowProgress;

  /**
   * @param mistakes All mistakes.
   *
   * @example
   * ```ts
   * const mistakes = checkPlan(plan);
   * if (mistakes.length > 0) throw new PlanError(mistakes);
   * ```
   */
  constructor(mistakes: readonly Mistake[]) {
    const [first] = mistakes;
    const all = mistakes.map(({ place, problem }) => `${place} ${problem}`).join("; ");
    super(mistakes.length === 1 && first ? `plan: ${all}` : `plan: ${mistakes.length} mistakes: ${all}`);
    this.mistakes = Object.freeze([...mistakes]);
  }
}

/**
 * A workflow cannot continue, and no call of the client failed.
 *
 * @example
 * ```ts
 * if (error instanceof WorkflowError) console.error(error.message);
 * ```
 */
export class WorkflowError extends Error {
  /** `WorkflowError`. */
  override readonly name: string = "WorkflowError";
  /** `failed` if a deploy ended without a cluster; `unknown` if a change may have happened; otherwise `refused`. */
  readonly outcome: ChangeOutcome;
  /** The finished steps, and advice on what to do next. */
  declare readonly workflow?: WorkflowProgress;

  /**
   * @param message The reason.
   * @param outcome Default: `refused`.
   *
   * @example
   * ```ts
   * throw new WorkflowError("Deploy has no such cluster", "refused");
   * ```
   */
  constructor(message: string, outcome: ChangeOutcome = "refused") {
    super(message);
    this.outcome = outcome;
  }
}

// Each entry of the package has its own error classes, so these checks use `code`.

export function isClientError(error: unknown): error is ClientError {
  const { code, outcome } = Object(error) as { code?: unknown; outcome?: unknown };
  return error instanceof Error && typeof code === "string" && typeof outcome === "string";
}

/** Whether the job failed. */
export function isJobFailure(error: unknown): error is ClientError {
  return isClientError(error) && error.code === "JOB_FAILED";
}

/** Whether Deploy says that the object does not exist. A proxy's 404 has no error object. */
export function isMissing(error: unknown): boolean {
  if (!isClientError(error) || error.code !== "HTTP") return false;
  const { status, text } = error;
  if (status !== 404 && status !== 410) return false;
  try {
    return Boolean(JSON.parse(text ?? "").error);
  } catch {
    return false;
  }
}

/** Whether Deploy understood the call and rejected it because of its current state. */
export function isRefusal(error: unknown): error is ClientError {
  return isClientError(error) && error.code === "HTTP" && REFUSALS.has(error.status ?? 0);
}

const REFUSALS = new Set([400, 409, 412, 422, 423]);

/** Whether the outcome of a mutating call is unknown, or the server is temporarily unavailable. */
export function isInDoubt(error: unknown): boolean {
  if (!isClientError(error)) return false;
  const { code, status = 0 } = error;
  if (code === "HTTP") return TEMPORARY.has(status) || (status >= 500 && status !== 501 && status !== 505);
  return code === "TRANSPORT" || code === "PROTOCOL" || code === "NOT_TRACKABLE" || code === "JOB_GONE";
}

const TEMPORARY = new Set([408, 421, 425, 429]);
