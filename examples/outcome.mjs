import { DeployError } from "ontap-select-deploy";

/** What an error of a changing call says of the change: "failed", "refused" or "unknown". */
export function outcomeOf(error) {
  // The reason of your own signal says nothing of it.
  return error instanceof DeployError ? error.outcome : "unknown";
}
