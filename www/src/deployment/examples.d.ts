// The types of the two examples that the page runs.

declare module "*/examples/deployment.mjs" {
  type Plan = import("./plan.js").Plan;

  /** Carries out calls: a collection's records, and the result of a call that changes something once its job is over. */
  export interface Vm {
    list(path: string, query?: Record<string, string>): Promise<readonly unknown[]>;
    send(method: string, path: string, body?: unknown): Promise<{ readonly path?: string }>;
  }
  export function addHosts(vm: Vm, plan: Pick<Plan, "vcenter" | "hosts">): Promise<void>;
  export function checkNetwork(vm: Vm, plan: Plan, vswitch: string): Promise<void>;
  export function createCluster(vm: Vm, plan: Plan, options: { inhibitRollback: boolean }): Promise<string>;
  export function powerCluster(
    vm: Vm,
    cluster: { readonly id: string },
    availability: "powered_on" | "powered_off",
  ): Promise<void>;
  export function deleteCluster(
    vm: Vm,
    cluster: { readonly id: string; readonly state: string },
  ): Promise<void>;
}

declare module "*/examples/plan.mjs" {
  export function faultsOf(plan: unknown, registered?: readonly string[]): import("./plan.js").Fault[];
}
