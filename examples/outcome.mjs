import { DeployError } from "ontap-select-deploy";

/** Returns what happened to the change: "failed", "refused" or "unknown". */
export function outcomeOf(error) {
  // An abort reason from your own signal does not tell.
  return error instanceof DeployError ? error.outcome : "unknown";
}
