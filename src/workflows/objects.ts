// Reads Deploy's objects and compares them with the plan.

import { isMissing } from "./errors.js";
import { isObject, type Run } from "./run.js";

export type DeployRecord = Readonly<Record<string, unknown>> & { readonly id: string };

/** The documented states of a cluster. In these, no job works on it. */
const SETTLED = ["powered_on", "powered_off"];

/** Names that are safe in a filter. Deploy might read others as an operator or a pattern. */
const PLAIN = /^(?!null$)[\w.:@-]+$/;

/**
 * The object with exactly this value. Compares again, because the server may read `prod*` as a pattern. `fields=*`
 * returns the cheap members.
 */
export async function findBy(
  run: Run,
  path: string,
  member: string,
  value: string,
  query: Record<string, string | boolean> = {},
): Promise<DeployRecord | undefined> {
  const filter = PLAIN.test(value) ? { [member]: value } : {};
  const options = { ...run.limits, query: { fields: "*", ...query, ...filter } };
  const records = await run.deploy.list<DeployRecord>(path, options);
  return records.find((record) => record[member] === value);
}

/** The records below an object, with their cheap members. */
export function listBelow(
  run: Run,
  path: string,
  params: Record<string, string>,
  query: Record<string, string> = {},
): Promise<readonly DeployRecord[]> {
  return run.deploy.list<DeployRecord>(path, { ...run.limits, params, query: { fields: "*", ...query } });
}

export function findCluster(run: Run, name: string): Promise<DeployRecord | undefined> {
  return findBy(run, "/clusters", "name", name);
}

/** The nodes of a cluster, in their order. */
export function nodesOf(run: Run, cluster: string): Promise<readonly DeployRecord[]> {
  return listBelow(run, "/clusters/{cluster}/nodes", { cluster }, { order_by: "name asc" });
}

/** Whether the cluster is deployed. If a server omits `is_deployed`, the documented states decide. */
export function isDeployed(cluster: DeployRecord): boolean {
  return cluster.is_deployed === true || (cluster.is_deployed !== false && isSettled(cluster));
}

/** Whether Deploy says that the cluster is not deployed. Only then it certainly has no data. */
export function isNotDeployed(cluster: DeployRecord): boolean {
  return cluster.is_deployed === false && !isSettled(cluster);
}

export function isSettled({ state }: DeployRecord): boolean {
  return SETTLED.includes(String(state));
}

/** The list of states is not public. In an earlier version, each failed state has "fail" or "error" in its name. */
export function looksFailed({ state, status }: DeployRecord): boolean {
  return /fail|error/i.test(`${state} ${status}`);
}

/** Whether the record itself says that the cluster is being deployed. */
export function looksBusy({ state }: DeployRecord): boolean {
  return /^(deploying|creating)|progress/i.test(String(state));
}

/** A member that differs from the plan. */
export interface Difference {
  readonly place: string;
  readonly there: unknown;
  readonly wanted: unknown;
}

/** The differing members of an object. A member that the server omits counts as different. */
export function differences(
  wanted: Readonly<Record<string, unknown>>,
  there: Readonly<Record<string, unknown>>,
  place: string,
): readonly Difference[] {
  const members = Object.entries(wanted).filter(([name, value]) => !agrees(value, there[name]));
  return members.map(([name, value]) => ({ place: `${place}.${name}`, there: there[name], wanted: value }));
}

/** The differences as strings, without members that are not set yet. */
export function tellDifferences(differences: readonly Difference[]): string[] {
  return differences.filter(({ there }) => isSet(there)).map(tellDifference);
}

/** The differences of a deployed cluster as strings, also for empty members. Members that Deploy omits may be set. */
export function tellDefinite(differences: readonly Difference[]): string[] {
  return differences.filter(({ there }) => there !== undefined).map(tellDifference);
}

function tellDifference({ place, there, wanted }: Difference): string {
  return `${place}: ${shown(there)} on Deploy, ${shown(wanted)} in the plan`;
}

/** Whether a value is set. It is unknown how Deploy shows an empty one. */
export function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== "";
}

function agrees(wanted: unknown, there: unknown): boolean {
  if (Array.isArray(wanted)) {
    const isList = Array.isArray(there) && there.length === wanted.length;
    return isList && wanted.every((entry, index) => agrees(entry, there[index]));
  }
  if (isObject(wanted)) {
    return isObject(there) && Object.entries(wanted).every(([name, value]) => agrees(value, there[name]));
  }
  // A server may send a number as a string, and an address in upper case.
  const isThere = there !== undefined && there !== null;
  return isThere && String(there).toLowerCase() === String(wanted).toLowerCase();
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return value.map(shown).join(", ") || "nothing";
  return isObject(value) ? Object.values(value).map(shown).join(", ") : String(value);
}

/** Deletes an object. One that does not exist counts as deleted. */
export async function remove(run: Run, path: string, params: Record<string, string>): Promise<void> {
  await run.send("DELETE", path, { params }).catch((error) => {
    if (!isMissing(error)) throw error;
  });
}
