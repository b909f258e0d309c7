// What Deploy holds, as far as the workflows read it, and how it differs from what is wanted.

import { isMissing } from "./errors.js";
import { isObject, type Run } from "./run.js";

export type DeployRecord = Readonly<Record<string, unknown>> & { readonly id: string };

/** The states of a cluster that are documented. No job works on it then. */
const SETTLED = ["powered_on", "powered_off"];

/** No public page says so, but a name that is in a filter might be read as an operator or a pattern. */
const PLAIN = /^(?!null$)[\w.:@-]+$/;

/**
 * The object that has exactly this value, whatever else the server finds by it: `prod*` is no name of `prod-2`.
 * `fields=*` brings all that is cheap to read.
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

/** The records below an object, each with all that is cheap to read. */
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

/** A server that does not show `is_deployed` shows it by the documented states. */
export function isDeployed(cluster: DeployRecord): boolean {
  return cluster.is_deployed === true || (cluster.is_deployed !== false && isSettled(cluster));
}

/** Whether Deploy says so: only then there is certainly no data on it. */
export function isNotDeployed(cluster: DeployRecord): boolean {
  return cluster.is_deployed === false && !isSettled(cluster);
}

export function isSettled({ state }: DeployRecord): boolean {
  return SETTLED.includes(String(state));
}

/** No list of states is public. In the one that was, of an earlier version, each that means a failure says so. */
export function looksFailed({ state, status }: DeployRecord): boolean {
  return /fail|error/i.test(`${state} ${status}`);
}

/** A member that Deploy has otherwise than the plan. */
export interface Difference {
  readonly place: string;
  readonly there: unknown;
  readonly wanted: unknown;
}

/** What an object is to be and is not. A member that the server does not show counts as another. */
export function differences(
  wanted: Readonly<Record<string, unknown>>,
  there: Readonly<Record<string, unknown>>,
  place: string,
): readonly Difference[] {
  const members = Object.entries(wanted).filter(([name, value]) => !agrees(value, there[name]));
  return members.map(([name, value]) => ({ place: `${place}.${name}`, there: there[name], wanted: value }));
}

/** In words; what is not there yet differs from nothing. */
export function tellDifferences(differences: readonly Difference[]): string[] {
  return differences.filter(({ there }) => isSet(there)).map(tellDifference);
}

/** In words, where nothing comes any more: what Deploy shows as none differs, too. A member that it does not show may be there. */
export function tellDefinite(differences: readonly Difference[]): string[] {
  return differences.filter(({ there }) => there !== undefined).map(tellDifference);
}

function tellDifference({ place, there, wanted }: Difference): string {
  return `${place}: ${shown(there)} on Deploy, ${shown(wanted)} in the plan`;
}

/** Nobody knows how Deploy shows that there is none. */
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
  // A server may write a number as a text, and an address in capitals.
  const isThere = there !== undefined && there !== null;
  return isThere && String(there).toLowerCase() === String(wanted).toLowerCase();
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return value.map(shown).join(", ") || "nothing";
  return isObject(value) ? Object.values(value).map(shown).join(", ") : String(value);
}

/** Removes an object; one that is gone is removed already. */
export async function remove(run: Run, path: string, params: Record<string, string>): Promise<void> {
  await run.send("DELETE", path, { params }).catch((error) => {
    if (!isMissing(error)) throw error;
  });
}
