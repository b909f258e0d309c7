import { DeployError } from "ontap-select-deploy";

/** Returns what happened to the change: "failed", "refused" or "unknown". */
export function outcomeOf(error) {
  // The reason of your own abort does not say what happened.
  return error instanceof DeployError ? error.outcome : "unknown";
}
