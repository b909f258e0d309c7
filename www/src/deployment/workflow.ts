// What carries a plan out. The page has no steps of its own: they are those of the examples.

export type { Vm } from "../../../examples/deployment.mjs";
export {
  addHosts,
  checkNetwork,
  createCluster,
  deleteCluster,
  powerCluster,
} from "../../../examples/deployment.mjs";
export { faultsOf } from "../../../examples/plan.mjs";
