/**
 * Whole tasks in one call: create, delete and resize clusters, add licenses, back up. They use the calls of a
 * DeployClient, and you can run them again after any interruption.
 *
 * @module ontap-select-deploy/workflows
 */

export type { ClusterPlan } from "../js/api.js";
export { addLicense } from "./add-license.js";
export { type BackupDownload, backup } from "./backup.js";
export { createCluster } from "./create-cluster.js";
export { deleteCluster } from "./delete-cluster.js";
export { type Mistake, PlanError, WorkflowError } from "./errors.js";
export { checkPlan } from "./plan.js";
export { resizeNodes } from "./resize-nodes.js";
export type { CreatedCluster, Step, WorkflowOptions, WorkflowProgress } from "./types.js";
