import { HttpError, JobFailedError } from "ontap-select-deploy";

/** What an error of a changing call says of the change: "failed", "refused" or "unknown". */
export function outcomeOf(error) {
  // The server said so, and gave its reason.
  if (error instanceof JobFailedError) return "failed";
  // Turned away before there was a job. A 5xx may come from a proxy, behind which the call was accepted.
  if (error instanceof HttpError && error.job === undefined && error.status < 500) return "refused";
  return "unknown";
}
