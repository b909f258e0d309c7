// The types of the workflows: clients, plans and results.

import { expectTypeOf } from "expect-type";
import type { DeployClient, Download, JobSnapshot, WaitOptions } from "ontap-select-deploy";
import type * as api from "ontap-select-deploy/api";
import {
  addLicense,
  type BackupDownload,
  backup,
  type ClusterPlan,
  type CreatedCluster,
  checkPlan,
  createCluster,
  deleteCluster,
  type Mistake,
  PlanError,
  resizeNodes,
  type Step,
  WorkflowError,
  type WorkflowOptions,
  type WorkflowProgress,
} from "ontap-select-deploy/workflows";

declare const deploy: DeployClient;
declare const plan: ClusterPlan;
declare const file: Blob;

// The promised signatures. Results may grow; parameters stay.
interface PromisedStep {
  readonly name: string;
  readonly target: string;
  readonly done: "found" | "made" | "changed" | "planned";
  readonly job?: JobSnapshot;
}
interface PromisedOptions extends Omit<WaitOptions, "onProgress"> {
  onStep?: (step: PromisedStep) => void;
  onProgress?: WaitOptions["onProgress"];
  dryRun?: boolean;
}
type Steps = readonly PromisedStep[];
interface Promised {
  createCluster(
    deploy: DeployClient,
    plan: ClusterPlan,
    options?: PromisedOptions & { inhibitRollback?: boolean },
  ): Promise<{ id: string; job?: JobSnapshot; steps: Steps }>;
  deleteCluster(deploy: DeployClient, name: string, options?: PromisedOptions): Promise<{ steps: Steps }>;
  resizeNodes(
    deploy: DeployClient,
    cluster: string,
    instanceType: string,
    adminPassword: string,
    options?: PromisedOptions & { nodes?: readonly string[] },
  ): Promise<{ job?: JobSnapshot; steps: Steps }>;
  addLicense(
    deploy: DeployClient,
    file: Blob,
    options?: PromisedOptions & { ontap?: { username: string; password: string } },
  ): Promise<{ serialNumber: string; steps: Steps }>;
  backup(deploy: DeployClient, password: string, options?: PromisedOptions): Promise<Download>;
}
export const promised: Promised = { addLicense, backup, createCluster, deleteCluster, resizeNodes };
expectTypeOf<PromisedOptions>().toExtend<WorkflowOptions>();
expectTypeOf<Step>().toExtend<PromisedStep>();

expectTypeOf<Step>().toEqualTypeOf<{
  readonly name: string;
  readonly target: string;
  readonly done: "found" | "made" | "changed" | "planned";
  readonly job?: JobSnapshot;
  readonly differs?: readonly string[];
}>();
expectTypeOf<WorkflowOptions>().toEqualTypeOf<{
  signal?: AbortSignal | null;
  timeout?: number;
  onProgress?: WaitOptions["onProgress"];
  onStep?: (step: Step) => void;
  dryRun?: boolean;
}>();
expectTypeOf(createCluster(deploy, plan)).toEqualTypeOf<Promise<CreatedCluster>>();
expectTypeOf<CreatedCluster>().toEqualTypeOf<{ id: string; job?: JobSnapshot; steps: readonly Step[] }>();
expectTypeOf(deleteCluster(deploy, "c1")).toEqualTypeOf<Promise<{ steps: readonly Step[] }>>();
expectTypeOf(resizeNodes(deploy, "c1", "medium", "secret")).toEqualTypeOf<
  Promise<{ job?: JobSnapshot; steps: readonly Step[] }>
>();
expectTypeOf(addLicense(deploy, file)).toEqualTypeOf<
  Promise<{ serialNumber: string; steps: readonly Step[] }>
>();
expectTypeOf(backup(deploy, "secret")).toEqualTypeOf<Promise<BackupDownload>>();
expectTypeOf<BackupDownload>().toExtend<Download>();
expectTypeOf<BackupDownload["removed"]>().toEqualTypeOf<Promise<void>>();

// A client of any API type and of any entry.
declare const typed: DeployClient<api.DeployApi>;
createCluster(typed, plan, { onStep: ({ done }) => expectTypeOf(done).toEqualTypeOf<Step["done"]>() });
deleteCluster(typed, "c1", { timeout: 3_600_000, signal: new AbortController().signal });
resizeNodes(typed, "c1", "medium", "secret", { nodes: ["c1-01", "c1-02"] as const });
addLicense(typed, file, { ontap: { username: "admin", password: "secret" }, dryRun: true });
backup(typed, "secret", { onProgress: ({ message }) => message });

// A plan has the API's type, as a literal or from a file.
expectTypeOf<ClusterPlan>().toEqualTypeOf<api.ClusterPlan>();
const networks = [
  { purpose: "mgmt", name: "ontap-external", vlan: 10 },
  { purpose: "data", name: "ontap-external", vlan: null },
];
const written = {
  comment: "of the branch office",
  vcenter: { hostname: "vcenter.example.com", username: "u", password: "p" },
  hosts: [{ name: "esx-1.example.com", type: "ESX", mgmt_server: "vcenter.example.com" }],
  cluster: {
    name: "branch-office",
    ip: "192.0.2.20",
    netmask: "255.255.255.0",
    gateway: "192.0.2.1",
    ontap_admin_password: "p",
    dns_info: { domains: ["example.com"], dns_ips: ["192.0.2.2"] },
    ntp_servers: ["192.0.2.4"],
  },
  nodes: [
    {
      host_name: "esx-1.example.com",
      ip: "192.0.2.21",
      instance_type: "small",
      networks,
      storage: { pools: [{ name: "datastore1", capacity: "4.8 TB" }] },
    },
  ],
};
createCluster(deploy, written);
createCluster(deploy, JSON.parse("{}"));
expectTypeOf(checkPlan(written)).toEqualTypeOf<readonly Mistake[]>();
// @ts-expect-error a cluster without a name
createCluster(deploy, { ...written, cluster: { ip: "192.0.2.20" } });
// @ts-expect-error a plan is not a string
createCluster(deploy, "cluster.json");
// @ts-expect-error an unknown option
createCluster(deploy, written, { dry_run: true });
// @ts-expect-error an option of another function
deleteCluster(deploy, "c1", { inhibitRollback: true });
// @ts-expect-error the file, not its name
addLicense(deploy, "license.txt");
// @ts-expect-error the password is required
resizeNodes(deploy, "c1", "medium");

// Errors.
expectTypeOf<PlanError>().toExtend<TypeError>();
expectTypeOf<PlanError["mistakes"]>().toEqualTypeOf<readonly Mistake[]>();
expectTypeOf<Mistake>().toEqualTypeOf<{ readonly place: string; readonly problem: string }>();
expectTypeOf<WorkflowError["workflow"]>().toEqualTypeOf<WorkflowProgress | undefined>();
expectTypeOf<WorkflowProgress>().toEqualTypeOf<{
  readonly steps: readonly Step[];
  readonly advice: string;
}>();
export const errors: Error[] = [new PlanError([]), new WorkflowError("why")];
