// Errors in plain words.

import { AuthError, DeployError } from "ontap-select-deploy";
import { byStatus, type Words, words } from "./words.js";

/** An error as it is shown. */
export interface Explanation extends Words {
  readonly code?: string;
  /** The message of the server or the browser. */
  readonly reason?: string;
  /** For Deploy's own logs. */
  readonly requestId?: string;
}

/** Explains the error of a call. */
export function explain(error: unknown): Explanation {
  if (!(error instanceof DeployError)) {
    return {
      title: "The console could not send the request",
      reason: messageOf(error),
      meaning: "The request was not sent.",
      advice: "Correct the problem above and try again.",
    };
  }
  return {
    code: error.code,
    reason: error.message,
    ...words[error.code],
    ...byStatus(error),
    ...(error.requestId !== undefined && { requestId: error.requestId }),
  };
}

/** The same in one line. */
export function inShort(error: unknown): string {
  const { title, reason } = explain(error);
  return reason ? `${title}. ${reason}` : `${title}.`;
}

/** Explains the error of an action; `hasJob`: Deploy has named its job. */
export function explainJob(error: unknown, hasJob: boolean): Explanation {
  const told = explain(error);
  if (error instanceof AuthError && hasJob) {
    return { ...told, advice: `${told.advice} To follow the job after you log in, note its id.` };
  }
  if (!leavesOpen(error)) return told;
  const next = hasJob
    ? "Then follow the job again."
    : "Deploy may have accepted the request. Check in Deploy before you start it again.";
  return { ...told, advice: `${told.advice} ${next}` };
}

/** Explains a failed login. */
export function explainLogin(error: unknown, address: string): Explanation {
  const told = explain(error);
  if (error instanceof AuthError) {
    const wrong = error.status === 401;
    return {
      ...told,
      title: wrong ? "Wrong user name or password" : "This user has no access to Deploy",
      meaning: `Deploy at ${address} rejected ${wrong ? "the user name or password" : "this user"}.`,
      advice: wrong ? "Enter them again." : "Log in as another user, or ask an administrator for access.",
    };
  }
  if (told.code === "TRANSPORT") {
    return {
      ...told,
      advice:
        "Check the address. If Deploy has a self-signed certificate, open the address in a new tab and accept it. If Deploy is on another origin, it must allow this page through CORS.",
    };
  }
  if (told.code === undefined) return { ...told, title: "Invalid address" };
  return told;
}

/** Explains why the console could not start. */
export function explainStart(error: unknown): Explanation {
  const isUnsupported = error instanceof DeployError && error.code === "UNSUPPORTED";
  // Without a cause, the browser has no WebAssembly at all.
  if (isUnsupported && error.cause === undefined) return explain(error);
  // Browsers differ in the class of this error.
  const refusal = isUnsupported ? error.cause : error;
  const refused = refusal instanceof WebAssembly.CompileError || refusal instanceof EvalError;
  const reason = messageOf(refusal);
  if (refused) {
    return {
      title: "WebAssembly is blocked on this page",
      reason,
      meaning: "The console needs WebAssembly, and the page’s Content-Security-Policy blocks it.",
      advice: "Add 'wasm-unsafe-eval' to script-src in the server’s Content-Security-Policy.",
    };
  }
  return {
    title: "The console could not start",
    reason,
    meaning: "Its WebAssembly engine did not load in this browser.",
    advice: "Use a current version of Chrome, Edge, Firefox or Safari.",
  };
}

/** Whether the call, or its job, may still succeed. */
function leavesOpen(error: unknown): boolean {
  if (!(error instanceof DeployError) || error.outcome !== "unknown") return false;
  return ["HTTP", "TRANSPORT", "PROTOCOL", "INTERNAL"].includes(error.code);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
