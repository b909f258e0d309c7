// Turns an end into an exit code and a message.

import {
  AuthError,
  type ChangeOutcome,
  DeployError,
  HttpError,
  ProtocolError,
  TransportError,
} from "../js/index.js";
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
  /** Whether a request of that kind was given to the transport. */
  readonly hasSent: boolean;
  /** What the path had to be of. */
  readonly expects?: string;
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

const NO_RECORD = /: the answer has no record, or no list of records$/;
const CODES: Record<ChangeOutcome, number> = { failed: JOB_FAILED, refused: REFUSED, unknown: UNKNOWN };

export function judge(error: unknown, stage: Stage): Outcome {
  if (error instanceof Interrupted) return unknown(error.message, stage);
  if (error instanceof LocalError) return { code: REFUSED, said: error.message };
  if (error instanceof WorkflowError) return { code: CODES[error.outcome], said: error.message };
  if (!(error instanceof DeployError)) return unknown(String(error), stage);

  const isOfOther =
    error instanceof ProtocolError && stage.expects !== undefined && NO_RECORD.test(error.message);
  const said = isOfOther ? joined(error.message, `expected ${stage.expects}`) : words(error);
  // A wait that shows nothing of its job, because the credential is wrong, was itself refused.
  const code = error instanceof AuthError && !error.job ? REFUSED : CODES[error.outcome];
  if (code === JOB_FAILED) return { code, said: `the job failed: ${said}`, isOver: true };
  if (code === REFUSED) return { code, said };
  if (["JOB_GONE", "NOT_TRACKABLE"].includes(error.code))
    return { code, said: joined(said, "look at the object itself"), isOver: true };
  if (error instanceof HttpError && stage.hasJob && !stage.hasShown && isUnknownThere(error.status))
    return unknown(joined(said, "the server knows no such job, so check the id and the address"), stage);
  return unknown(said, stage);
}

const isUnknownThere = (status: number) => status === 404 || status === 410;

function unknown(what: string, { changing, hasSent, repeatable, hasJob, hasShown }: Stage): Outcome {
  if (hasJob) {
    const goesOn = hasShown ? ", and the job goes on by itself" : "";
    return { code: UNKNOWN, said: joined(what, `the outcome is unknown${goesOn}`) };
  }
  if (!changing) return { code: REFUSED, said: what };
  if (!hasSent) return { code: REFUSED, said: joined(what, "nothing was sent that changes anything") };
  const advice = repeatable ? "repeat it to find out" : "look before you repeat it";
  return { code: UNKNOWN, said: joined(what, `whether the call was accepted is unknown: ${advice}`) };
}

/** What a server says may end with a full stop. */
const joined = (said: string, more: string): string => `${said.replace(/\.$/, "")}; ${more}`;

/** The client says whether anything was sent; the runtime's own error says why. */
function words(error: DeployError): string {
  if (error.code === "WAIT_TIMEOUT") return "the time of --timeout is over";
  const cause = innermost(error);
  if (!(error instanceof TransportError) || cause === undefined)
    return error.message.replace("maxResponseBytes", "--max-response-bytes");
  const said = cause.message || cause.code;
  if (error.message.includes("the connection broke")) return `${error.message}: ${said}`;
  const [call] = error.message.split(": ");
  const isTls = error.message.includes("TLS refused");
  const help = isTls ? ` (${helpFor(cause)})` : "";
  return `${call}: no ${error.sent === false ? "connection" : "answer"}: ${said}${help}`;
}

/** What can be done about a certificate that was refused. */
function helpFor({ code }: NodeJS.ErrnoException): string {
  return code === "ERR_TLS_CERT_FINGERPRINT_MISMATCH"
    ? "the VM has a new certificate, or somebody is on the line: ask the person who runs the VM for the new fingerprint"
    : "--ca FILE trusts a certificate of your own that names the address; --fingerprint the one that" +
        ` '${NAME} certificate' shows, once you have compared it`;
}

function innermost(error: Error): NodeJS.ErrnoException | undefined {
  let found: Error | undefined;
  for (let { cause } = error; cause instanceof Error; cause = cause.cause) found = cause;
  return found;
}
