// Turns an end into an exit code and a message.

import { AuthError, type ChangeOutcome, DeployError, HttpError, TransportError } from "../js/index.js";
import { WorkflowError } from "../workflows/index.js";
import { NAME } from "./table.js";

export const SUCCESS = 0;
export const JOB_FAILED = 1;
export const USAGE = 2;
export const UNKNOWN = 3;
export const REFUSED = 4;

/** A signal ended the wait, or the time of a download was over. */
export class Interrupted extends Error {}

/** Something on this machine failed, and nothing was to be changed on the server. */
export class LocalError extends Error {}

/** What was known when the error came. */
export interface Stage {
  /** Whether the call changes something. */
  readonly changing: boolean;
  /** Whether to repeat it does no harm. */
  readonly repeatable?: boolean;
  /** Whether there is a job to wait for. */
  readonly hasJob: boolean;
  /** Whether the server has shown it, or has named it in accepting the call. */
  readonly hasShown: boolean;
}

export interface Outcome {
  readonly code: number;
  readonly said: string;
  /** Nothing more will be learned of the job by waiting. */
  readonly isOver?: boolean;
}

const CODES: Record<ChangeOutcome, number> = { failed: JOB_FAILED, refused: REFUSED, unknown: UNKNOWN };

export function judge(error: unknown, stage: Stage): Outcome {
  if (error instanceof Interrupted) return unknown(error.message, stage);
  if (error instanceof LocalError || error instanceof WorkflowError)
    return { code: REFUSED, said: error.message };
  if (!(error instanceof DeployError)) return unknown(String(error), stage);

  const said = words(error);
  // A wait that shows nothing of its job, because the credential is wrong, was itself refused.
  const code = error instanceof AuthError && !error.job ? REFUSED : CODES[error.outcome];
  if (code === JOB_FAILED) return { code, said: `the job failed: ${said}`, isOver: true };
  if (code === REFUSED) return { code, said };
  if (["JOB_GONE", "NOT_TRACKABLE"].includes(error.code))
    return { code, said: `${said}; look at the object itself`, isOver: true };
  if (error instanceof HttpError && stage.hasJob && !stage.hasShown && isUnknownThere(error.status))
    return unknown(`${said}; the server knows no such job, so check the id and the address`, stage);
  return unknown(said, stage);
}

const isUnknownThere = (status: number) => status === 404 || status === 410;

function unknown(what: string, { changing, repeatable, hasJob, hasShown }: Stage): Outcome {
  if (hasJob) {
    const then = hasShown ? ", and the job goes on by itself" : "";
    return { code: UNKNOWN, said: `${what}; the outcome is unknown${then}` };
  }
  if (!changing) return { code: REFUSED, said: what };
  const then = repeatable ? "repeat it to find out" : "look before you repeat it";
  return { code: UNKNOWN, said: `${what}; whether the call was accepted is unknown: ${then}` };
}

/** The client says whether anything was sent; the runtime's own error says why. */
function words(error: DeployError): string {
  if (error.code === "WAIT_TIMEOUT") return "the time of --timeout is over";
  const cause = innermost(error);
  if (!(error instanceof TransportError) || cause === undefined)
    return error.message.replace("maxResponseBytes", "--max-response-bytes");
  if (error.message.includes("the connection broke")) return `${error.message}: ${cause}`;
  const [call] = error.message.split(": ");
  const isTls = error.message.includes("TLS refused");
  const help = isTls
    ? " (--ca FILE trusts a certificate of your own that names the address; --fingerprint the one that" +
      ` '${NAME} certificate' shows, once you have compared it)`
    : "";
  return `${call}: no ${error.sent === false ? "connection" : "answer"}: ${cause}${help}`;
}

function innermost(error: Error): string | undefined {
  let found: string | undefined;
  for (let { cause } = error; cause instanceof Error; cause = cause.cause) {
    found = cause.message || String((cause as { code?: unknown }).code);
  }
  return found;
}
