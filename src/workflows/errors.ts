// What errors say to a workflow, and its own.

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
  /** What is wrong there. It goes on from the place: `is missing`. */
  readonly problem: string;
}

/**
 * A plan that cannot be carried out: all its mistakes at once. Nothing was changed because of them.
 *
 * @example
 * ```ts
 * if (error instanceof PlanError) for (const { place, problem } of error.mistakes) console.error(place, problem);
 * ```
 */
export class PlanError extends TypeError {
  /** `PlanError`. */
  override readonly name: string = "PlanError";
  /** Each mistake, in the order of the plan. */
  readonly mistakes: readonly Mistake[];
  /** The steps that are done; absent where the plan itself was wrong. */
  declare readonly workflow?: WorkflowProgress;

  /**
   * @param mistakes All of them.
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
 * A workflow that cannot go on for a reason that no call told.
 *
 * @example
 * ```ts
 * if (error instanceof WorkflowError) console.error(error.message);
 * ```
 */
export class WorkflowError extends Error {
  /** `WorkflowError`. */
  override readonly name: string = "WorkflowError";
  /** As of the client's errors: `failed` where a deploy has ended without a cluster, `unknown` where something was begun. */
  readonly outcome: ChangeOutcome;
  /** The steps that are done, and what can be done next. */
  declare readonly workflow?: WorkflowProgress;

  /**
   * @param message Why.
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

// The classes of the errors belong to the entry that the client is of; `code` is the same in each.

export function isClientError(error: unknown): error is ClientError {
  const { code, outcome } = Object(error) as { code?: unknown; outcome?: unknown };
  return error instanceof Error && typeof code === "string" && typeof outcome === "string";
}

/** The server said `failure`. */
export function isJobFailure(error: unknown): error is ClientError {
  return isClientError(error) && error.code === "JOB_FAILED";
}

/** Deploy itself says so, by its error object; a proxy's 404 has none. */
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

/** The server understood the call, and does not do it: what it holds stands against it. */
export function isRefusal(error: unknown): error is ClientError {
  return isClientError(error) && error.code === "HTTP" && REFUSALS.has(error.status ?? 0);
}

const REFUSALS = new Set([400, 409, 412, 422, 423]);

/** Nobody knows whether a call that changes something was carried out, or it was not and the server may be back soon. */
export function isInDoubt(error: unknown): boolean {
  if (!isClientError(error)) return false;
  const { code, status = 0 } = error;
  if (code === "HTTP") return TEMPORARY.has(status) || (status >= 500 && status !== 501 && status !== 505);
  return code === "TRANSPORT" || code === "PROTOCOL" || code === "NOT_TRACKABLE" || code === "JOB_GONE";
}

const TEMPORARY = new Set([408, 421, 425, 429]);
