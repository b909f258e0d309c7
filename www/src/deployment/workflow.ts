// Runs the package's workflows with the console's client, so that the timeline shows each of their jobs.

import type { CallOptions, CallResult, DeployClient, JobHandle, JobSnapshot } from "ontap-select-deploy";
import type { ClusterPlan } from "ontap-select-deploy/api";
import { addHosts as addHostsOf } from "../../../src/workflows/hosts.js";
import type { createCluster } from "../../../src/workflows/index.js";
import type { Plan } from "../../../src/workflows/plan.js";
import { carryOut } from "../../../src/workflows/run.js";
import { Following } from "../../../src/workflows/running.js";
import type { Step, WorkflowOptions } from "../../../src/workflows/types.js";
import type { Action } from "../watch.js";
import { type Doing, stepOf } from "./step.js";

export { type Mistake, PlanError, WorkflowError } from "../../../src/workflows/errors.js";
export {
  addLicense,
  checkPlan,
  createCluster,
  deleteCluster,
  resizeNodes,
} from "../../../src/workflows/index.js";
export type { Step, WorkflowOptions, WorkflowProgress } from "../../../src/workflows/types.js";

/** A workflow's client type. For the compiler, the sources' class differs from the built package's. */
export type WorkflowClient = Parameters<typeof createCluster>[0];

/** Starts an action on the timeline. */
export type Start = (action: Action) => void;

/** A workflow's cluster and step. A running job that the workflow finds belongs to this step. */
export interface Subject {
  readonly cluster: string;
  readonly doing: Doing;
}

/** Receives the workflow's progress. */
export interface Listener {
  begun?(doing: Doing, title: string): void;
  /** The job has changed. */
  told?(doing: Doing, job: JobSnapshot): void;
  failed?(doing: Doing): void;
}

export function workflowClient(
  client: DeployClient,
  start: Start,
  { cluster, doing: subject }: Subject,
  listener: Listener = {},
): WorkflowClient {
  const nodes: string[] = [];

  async function request(method: string, path: string, options: CallOptions = {}): Promise<CallResult> {
    const { title, kind, isShown, doing } = stepOf({ ...options, method, path }, cluster, nodes);
    listener.begun?.(doing, title);
    try {
      const handle = await client.submit(method, path, options);
      const answer = handle.response as CallResult;
      const isJob = handle.id !== undefined;
      // A rejected call is not shown: the workflow then follows the job that is already running.
      if (isShown || isJob) show(handle, { title, ...(kind && { kind }) });
      if (!isJob) return answer;
      hear(handle, doing);
      // The timeline waits for the same job; both share one poll.
      return { ...answer, job: await handle.result(options) };
    } catch (error) {
      listener.failed?.(doing);
      throw error;
    }
  }

  /** Follows a job that is already running. */
  function job(id: string): JobHandle {
    const handle = client.job(id);
    const title = `Job on cluster ${cluster}`;
    listener.begun?.(subject, title);
    show(handle, { title, job: id });
    hear(handle, subject);
    return handle;
  }

  function show(handle: JobHandle, action: Omit<Action, "begin">): void {
    start({ ...action, chained: true, begin: () => handle });
  }

  function hear(handle: JobHandle, doing: Doing): void {
    handle.subscribe((snapshot) => snapshot && listener.told?.(doing, snapshot));
  }

  return new Proxy(client, {
    get(target, name) {
      if (name === "request") return request;
      if (name === "job") return job;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  }) as unknown as WorkflowClient;
}

/** Only the first step of `createCluster`: adds the hosts and their logins. */
export function addHosts(
  client: WorkflowClient,
  { vcenter, hosts }: Pick<ClusterPlan, "vcenter" | "hosts">,
  options?: WorkflowOptions,
): Promise<readonly Step[]> {
  const described = hosts.map(({ name, type, mgmt_server, username = "", password = "" }) => ({
    name,
    type: type === "KVM" ? ("KVM" as const) : ("ESX" as const),
    vcenter: mgmt_server || undefined,
    login: mgmt_server || username === "" ? undefined : { hostname: name, username, password },
  }));
  const login = vcenter && {
    hostname: vcenter.hostname,
    username: vcenter.username,
    password: vcenter.password,
  };
  // It reads only these members of a plan.
  const plan: Pick<Plan, "vcenter" | "hosts"> = { vcenter: login, hosts: described };
  return carryOut("create", client, options, async (run) => {
    await addHostsOf(run, plan as Plan, new Following(run));
    return run.steps;
  });
}
