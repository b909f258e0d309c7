// What went wrong, as it is told where it happened.

import { AuthError, DeployError } from "ontap-select-deploy";
import { byStatus, type Words, words } from "./words.js";

/** An error as it is shown. */
export interface Explanation extends Words {
  readonly code?: string;
  /** What the server or the browser said itself. */
  readonly reason?: string;
  /** For Deploy's own logs. */
  readonly requestId?: string;
}

/** What went wrong in a call. */
export function explain(error: unknown): Explanation {
  if (!(error instanceof DeployError)) {
    return {
      title: "The console could not do this",
      reason: messageOf(error),
      meaning: "The request was not sent.",
      advice: "Correct what the reason names and try again.",
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

/** The same in a line. */
export function inShort(error: unknown): string {
  const { title, reason } = explain(error);
  return reason ? `${title}. ${reason}` : `${title}.`;
}

/** What went wrong with something that was started; `hasJob` once Deploy has named its job. */
export function explainJob(error: unknown, hasJob: boolean): Explanation {
  const told = explain(error);
  if (error instanceof AuthError && hasJob) {
    return { ...told, advice: `${told.advice} Keep the job’s id: it can be followed from there.` };
  }
  if (!leavesOpen(error)) return told;
  const next = hasJob
    ? "Then take the job up again."
    : "The call may have been accepted: look at Deploy before you start it again.";
  return { ...told, advice: `${told.advice} ${next}` };
}

/** What went wrong on the login page. */
export function explainLogin(error: unknown, address: string): Explanation {
  const told = explain(error);
  if (error instanceof AuthError) {
    const wrong = error.status === 401;
    return {
      ...told,
      title: wrong ? "Wrong user name or password" : "This user may not use Deploy",
      meaning: `Deploy at ${address} answered, and did not accept ${wrong ? "them" : "this user"}.`,
      advice: wrong ? "Type them again." : "Log in as another user, or have this one given the right.",
    };
  }
  if (told.code === "TRANSPORT") {
    return {
      ...told,
      advice:
        "Check the address. If Deploy’s certificate is its own, open the address in a tab once and accept it; if Deploy is on another origin, it must allow this page by CORS.",
    };
  }
  if (told.code === undefined) return { ...told, title: "This address cannot be used" };
  return told;
}

/** Why the console could not even start. */
export function explainStart(error: unknown): Explanation {
  const isUnsupported = error instanceof DeployError && error.code === "UNSUPPORTED";
  // Without a cause there is no WebAssembly that could refuse.
  if (isUnsupported && error.cause === undefined) return explain(error);
  // Browsers differ in the class of this error, but all of them refuse in compiling.
  const refusal = isUnsupported ? error.cause : error;
  const refused = refusal instanceof WebAssembly.CompileError || refusal instanceof EvalError;
  const reason = messageOf(refusal);
  if (refused) {
    return {
      title: "This page may not run WebAssembly",
      reason,
      meaning:
        "The console’s engine is WebAssembly, and the page’s Content-Security-Policy does not let it be compiled.",
      advice: "Add 'wasm-unsafe-eval' to script-src where this page is served. Nothing looser is needed.",
    };
  }
  return {
    title: "The console could not start",
    reason,
    meaning: "Its engine did not load in this browser.",
    advice: "Use a current version of Chrome, Edge, Firefox or Safari.",
  };
}

/** Whether the call, or its job, may have gone on although nothing proper came back. */
function leavesOpen(error: unknown): boolean {
  if (!(error instanceof DeployError) || error.outcome !== "unknown") return false;
  return ["HTTP", "TRANSPORT", "PROTOCOL", "INTERNAL"].includes(error.code);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
