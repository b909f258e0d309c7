// Turns an end into an exit code and a message.

import { BadTokenError, DeployError, HttpError, JobFailedError, WaitTimeoutError } from "../js/index.js";
import { UsageError } from "./usage.js";

export const SUCCESS = 0;
export const JOB_FAILED = 1;
export const USAGE = 2;
export const UNKNOWN = 3;
export const REFUSED = 4;

/** A signal ended the wait. */
export class Interrupted extends Error {}

/** What was known when the error came. */
export interface Stage {
  /** Whether the call changes something. */
  readonly changing: boolean;
  /** Whether the server has named a job. */
  readonly hasJob: boolean;
}

export interface Outcome {
  readonly code: number;
  readonly said: string;
  /** Nothing more will be learned of the job by waiting. */
  readonly isOver?: boolean;
}

// There was no connection, so nothing was sent.
const NOT_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;
const UNTRUSTED = /^(DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;
// A proxy that forwarded a call and lost it responds with one of these.
const LOST_BEHIND_PROXY = [502, 504];

export function judge(error: unknown, stage: Stage): Outcome {
  if (error instanceof JobFailedError)
    return { code: JOB_FAILED, said: `the job failed: ${error.message}`, isOver: true };
  if (isUsage(error) && !stage.hasJob) return { code: USAGE, said: (error as Error).message };
  if (error instanceof Interrupted) return unknown(error.message, stage);
  if (error instanceof WaitTimeoutError) return unknown("the time of --timeout is over", stage);
  if (!(error instanceof DeployError)) return unknown(String(error), stage);
  if (["JOB_GONE", "NOT_TRACKABLE"].includes(error.code))
    return { code: UNKNOWN, said: `${error.message}; look at the object itself`, isOver: true };

  const said = error.code === "TRANSPORT" ? withoutAnswer(error) : error.message;
  return stage.hasJob || mayHaveBeenDone(error, stage) ? unknown(said, stage) : { code: REFUSED, said };
}

// The client checks its arguments, too, and its errors name them.
function isUsage(error: unknown): boolean {
  const checked = error instanceof TypeError || error instanceof RangeError;
  return checked || error instanceof UsageError || error instanceof BadTokenError;
}

function mayHaveBeenDone(error: DeployError, { changing }: Stage): boolean {
  if (error instanceof HttpError) return changing && LOST_BEHIND_PROXY.includes(error.status);
  if (error.code === "INTERNAL" || error.code === "CLOSED") return true;
  return changing && !isUnconnected(error);
}

function isUnconnected(error: DeployError): boolean {
  return causes(error).some(
    ({ code, syscall, message }) =>
      // fetch refuses some ports with this message alone.
      syscall === "connect" || NOT_CONNECTED.test(code) || message === "bad port",
  );
}

function unknown(what: string, { changing, hasJob }: Stage): Outcome {
  const then = hasJob
    ? "; the outcome is unknown, and the job goes on by itself"
    : changing
      ? "; whether the call was accepted is unknown: look before you repeat it"
      : "";
  return { code: UNKNOWN, said: `${what}${then}` };
}

/** The client does not say whether there was a connection; the runtime's own error does. */
function withoutAnswer(error: DeployError): string {
  const cause = causes(error).at(-1);
  if (cause === undefined) return error.message;
  const [call] = error.message.split(": ");
  const help = UNTRUSTED.test(cause.code) ? " (--ca FILE trusts a certificate of your own)" : "";
  return `${call}: no ${isUnconnected(error) ? "connection" : "answer"}: ${cause.message}${help}`;
}

function causes(error: Error): { code: string; syscall: unknown; message: string }[] {
  const found = [];
  for (let { cause } = error; cause instanceof Error; cause = cause.cause) {
    const { code = "", syscall } = cause as { code?: unknown; syscall?: unknown };
    found.push({ code: String(code), syscall, message: cause.message || String(code) });
  }
  return found;
}
