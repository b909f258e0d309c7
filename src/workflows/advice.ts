// The advice in an error: what changed, what to correct, and what the next run does.

import { isClientError, isJobFailure, PlanError } from "./errors.js";
import { innermost, isCertificateRejected, isFingerprintMismatch } from "./rejected-certificate.js";

/** What a run is given, and what the next run does. */
const TASKS = {
  create: { input: "the plan", again: "it keeps finished steps and waits for a running job" },
  delete: { input: "the cluster's name", again: "it waits for a running job and deletes what is left" },
  resize: {
    input: "the arguments",
    again: "it waits for a running job and skips nodes that already have the size",
  },
  license: { input: "the license file or ONTAP's login", again: "it uploads the file again" },
  backup: { input: "the cause", again: "it makes a new backup" },
} as const;

export type Task = keyof typeof TASKS;

/** @param hasChanged Whether Deploy accepted a change of this run before the error. */
export function adviceFor(error: unknown, task: Task, hasChanged: boolean): string {
  const { input, again } = TASKS[task];
  if (isJobFailure(error)) return `Correct the reason of the failed job, then run it again: ${again}.`;
  const { code, outcome } = error as { code?: unknown; outcome?: unknown };
  const isUnknown = outcome === "unknown";
  if (code === "WAIT_TIMEOUT" || code === "CLOSED") {
    const isRunning = isUnknown || hasChanged;
    return isRunning
      ? `A running job continues on Deploy. Run it again: ${again}.`
      : "Nothing was changed. You can run it again.";
  }
  if (isUnknown) return `The outcome of the last call is unknown. Run it again: ${again}.`;
  const before = hasChanged ? "The steps before it stay" : "Nothing was changed";
  return `${before}. ${correction(error, input)}, then run it again.`;
}

function correction(error: unknown, input: string): string {
  if (error instanceof PlanError) return "Correct the plan";
  if (!isClientError(error)) return "Correct what the message names";
  const { code, status = 0 } = error;
  if (isCertificateRejected(error))
    return isFingerprintMismatch(innermost(error))
      ? "Compare the certificate's fingerprint with the VM's and correct it"
      : "Trust the VM's certificate";
  if (status === 403) return "Use a login with the required rights";
  if (status === 401 || code === "AUTH") return "Correct the credential";
  if (status === 404 || code === "PROTOCOL") return "Check the address of the API";
  if (status === 400 || status === 422) return `Correct ${input}`;
  if (status >= 500 || code === "TRANSPORT") return "Check the address and whether the VM is running";
  return "Correct the cause";
}
