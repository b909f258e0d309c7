// Turns an error into an exit code and a message.

import {
  AuthError,
  type ChangeOutcome,
  DeployError,
  HttpError,
  ProtocolError,
  TransportError,
} from "../js/index.js";
import { WorkflowError } from "../workflows/index.js";
import {
  innermost,
  isCertificateRejected,
  isFingerprintMismatch,
  type RuntimeError,
} from "../workflows/rejected-certificate.js";
import { NAME } from "./table.js";

export const SUCCESS = 0;
export const JOB_FAILED = 1;
/** Deploy refused a call after earlier steps had changed something. */
export const INCOMPLETE = 1;
export const USAGE = 2;
export const UNKNOWN = 3;
export const REFUSED = 4;

/** A signal ended the wait, or a download exceeded --timeout. */
export class Interrupted extends Error {}

/** Something on this machine failed while the command was only reading. */
export class LocalError extends Error {}

/** What the command knows when the error occurs. */
export interface Stage {
  /** Whether the call changes something. */
  readonly changing: boolean;
  /** Whether a changing request was passed to the transport. */
  readonly hasSent: boolean;
  /** The kind of path that the command expects. */
  readonly expects?: string;
  /** Whether repeating the command is safe. */
  readonly repeatable?: boolean;
  /** Whether there is a job to wait for. */
  readonly hasJob: boolean;
  /** Whether the server has shown the job or named it in its response. */
  readonly hasShown: boolean;
  /** The option or variable of the address, if a wrong path in it explains the 404 of the first request. */
  readonly wrongBase?: string | undefined;
}

export interface Outcome {
  readonly code: number;
  readonly said: string;
  /** Waiting cannot reveal anything more about the job. */
  readonly isOver?: boolean;
}

const UNREACHABLE = /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|ETIMEDOUT)$/;
const NO_RECORD = /: the response lacks the expected record or list of records$/;
const CODES: Record<ChangeOutcome, number> = { failed: JOB_FAILED, refused: REFUSED, unknown: UNKNOWN };

export function judge(error: unknown, stage: Stage): Outcome {
  if (error instanceof Interrupted) return unknown(error.message, stage);
  if (error instanceof LocalError) return { code: REFUSED, said: error.message };
  if (error instanceof WorkflowError) return { code: CODES[error.outcome], said: error.message };
  if (!(error instanceof DeployError)) return unknown(String(error), stage);

  const isOfOther =
    error instanceof ProtocolError && stage.expects !== undefined && NO_RECORD.test(error.message);
  const said = isOfOther ? joined(error.message, `Expected ${stage.expects}`) : words(error);
  if (stage.wrongBase !== undefined && isBare404(error))
    return { code: REFUSED, said: `${said.replace(/\.$/, "")}. Does ${stage.wrongBase} end with /api?` };
  // If the credential is wrong and the job was never seen, the wait itself was refused.
  const code = error instanceof AuthError && !error.job ? REFUSED : CODES[error.outcome];
  if (code === JOB_FAILED) return { code, said: `the job failed: ${said}`, isOver: true };
  if (code === REFUSED)
    return {
      code,
      said: isLogin(error) ? joined(said, "Check the user name and password, or the token") : said,
    };
  if (["JOB_GONE", "NOT_TRACKABLE"].includes(error.code))
    return {
      code,
      said: joined(said, "Read the object to see whether the change took effect"),
      isOver: true,
    };
  if (error instanceof HttpError && stage.hasJob && !stage.hasShown && isUnknownThere(error.status))
    return unknown(
      joined(said, "The server does not know this job: check its id and the server's address"),
      stage,
    );
  return unknown(said, stage);
}

/** A 404 without the error object that Deploy sends. */
function isBare404(error: DeployError): boolean {
  if (!(error instanceof HttpError) || error.status !== 404) return false;
  try {
    return !JSON.parse(error.text ?? "").error;
  } catch {
    return true;
  }
}

const isLogin = (error: DeployError) => error instanceof AuthError && error.status === 401;
const isUnknownThere = (status: number) => status === 404 || status === 410;

function unknown(what: string, { changing, hasSent, repeatable, hasJob, hasShown }: Stage): Outcome {
  if (hasJob) {
    const consequence = hasShown
      ? "The job continues on the server, and its outcome is unknown"
      : "The outcome is unknown";
    return { code: UNKNOWN, said: joined(what, consequence) };
  }
  if (!changing) return { code: REFUSED, said: what };
  if (!hasSent) return { code: REFUSED, said: joined(what, "The command changed nothing") };
  const advice = repeatable
    ? "run the command again to find out"
    : "check the object before you repeat the call";
  return { code: UNKNOWN, said: joined(what, `The server may have accepted the call: ${advice}`) };
}

/** Two sentences. The first may be the server's own, with or without a full stop. */
const joined = (said: string, more: string): string => `${said.replace(/\.$/, "")}. ${more}.`;

/** The client knows whether it sent anything. The runtime's own error says why it failed. */
function words(error: DeployError): string {
  if (error.code === "WAIT_TIMEOUT") return "--timeout expired";
  const cause = innermost(error);
  if (!(error instanceof TransportError) || cause === undefined)
    return error.message
      .replace("maxResponseBytes", "--max-response-bytes")
      .replace("baseUrl", "the address");
  const said = cause.message || cause.code;
  if (error.message.includes("the connection broke")) return `${error.message}: ${said}`;
  if (isCertificateRejected(error)) return joined(`${error.message}: ${said}`, helpFor(cause));
  const [call] = error.message.split(": ");
  const line = `${call}: no ${error.sent === false ? "connection" : "response"}: ${said}`;
  return UNREACHABLE.test(cause.code ?? "")
    ? joined(line, "Check the address, and whether the VM is running")
    : line;
}

/** What to do about a rejected certificate. */
function helpFor(cause: RuntimeError): string {
  return isFingerprintMismatch(cause)
    ? "The VM has a new certificate, or somebody intercepts the connection: get the new fingerprint from the VM's " +
        "administrator before you trust it"
    : `To trust it, run '${NAME} certificate', compare the fingerprint with the one on the VM, and set ` +
        "DEPLOY_FINGERPRINT or pass --fingerprint SHA256. If the certificate is valid for this address, you can pass --ca FILE instead";
}
