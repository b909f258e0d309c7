// Adds the hosts of a plan and their logins.

import { isMissing, isRefusal, type Mistake, PlanError } from "./errors.js";
import {
  type DeployRecord,
  type Difference,
  findBy,
  looksFailed,
  remove,
  tellDifferences,
} from "./objects.js";
import type { Host, Login, Plan } from "./plan.js";
import { type Run, sideBySide } from "./run.js";
import type { Following } from "./running.js";
import type { ClientError } from "./types.js";

/** A host of the plan, and its record on Deploy. */
interface Looked {
  readonly host: Host;
  readonly place: string;
  readonly record: DeployRecord | undefined;
}

/**
 * Adds the hosts that Deploy does not have, and their logins.
 *
 * @returns The id of each host by its name, without hosts that a dry run would add.
 */
export async function addHosts(
  run: Run,
  plan: Plan,
  following: Following,
): Promise<ReadonlyMap<string, string>> {
  const first = await look(run, plan);
  if (first.some(isLacking)) await addLogins(run, plan, first.filter(isLacking), following);
  const looked = await run.surely(async () => {
    const before = await look(run, plan);
    const lacking = before.filter(isLacking);
    if (lacking.length === 0 || run.dryRun) return before;
    for (const { record } of lacking) if (record) await remove(run, "/hosts/{id}", { id: record.id });
    return add(run, plan, lacking, following);
  });
  for (const { host, place, record } of looked) tellHost(run, host, place, record);
  return new Map(
    looked.flatMap(({ host, record }) => (record && !looksFailed(record) ? [[host.name, record.id]] : [])),
  );
}

async function look(run: Run, { hosts }: Plan): Promise<readonly Looked[]> {
  const looked: Looked[] = [];
  await sideBySide(hosts, async (host, index) => {
    looked[index] = { host, place: `hosts[${index}]`, record: await findHost(run, host.name) };
  });
  return looked;
}

/** Finds a host. Waits if it is being added, because the result is not known before. */
async function findHost(run: Run, name: string): Promise<DeployRecord | undefined> {
  const record = await findBy(run, "/hosts", "name", name);
  if (!record || !isInProgress(record) || run.dryRun) return record;
  try {
    const options = { ...run.limits, params: { id: record.id }, query: { fields: "*" } };
    return await run.deploy.until<DeployRecord>("/hosts/{id}", (now) => !isInProgress(now), options);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether the host must be added. A host with a failed login stays registered and blocks another try. */
function isLacking({ record }: Looked): boolean {
  return record === undefined || looksFailed(record);
}

function isInProgress({ status }: DeployRecord): boolean {
  return /progress/i.test(String(status));
}

/**
 * Adds all hosts in one call, as NetApp's sample does. Deploy rejects the call if another client has added one of them,
 * or is adding one that is not visible yet.
 */
async function add(
  run: Run,
  plan: Plan,
  lacking: readonly Looked[],
  following: Following,
): Promise<readonly Looked[]> {
  const hosts = lacking.map(({ host: { name, type: hypervisor_type, vcenter } }) => ({
    name,
    hypervisor_type,
    ...(vcenter !== undefined && { management_server: vcenter }),
  }));
  try {
    const { job } = await run.send("POST", "/hosts", { body: { hosts } });
    for (const { host, record } of lacking) {
      run.tell({ name: "host", target: host.name, done: record ? "changed" : "made", ...(job && { job }) });
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const isLess = async () => (await look(run, plan)).filter(isLacking).length < lacking.length;
    const names = lacking.map(({ host }) => host.name);
    if (!(await isLess()) && !(saysThatItIsThere(error) && (await following.next(names, isLess))))
      throw error;
    const after = await look(run, plan);
    const left = after.filter(isLacking);
    return left.length === 0 ? after : add(run, plan, left, following);
  }
  return look(run, plan);
}

function tellHost(run: Run, host: Host, place: string, record: DeployRecord | undefined): void {
  const isPlanned = run.dryRun && (record === undefined || looksFailed(record));
  const differs = tellDifferences([
    ...differing(`${place}.mgmt_server`, record?.management_server, host.vcenter),
    ...differing(`${place}.type`, record?.hypervisor_type, host.type),
  ]);
  run.tell({ name: "host", target: host.name, done: isPlanned ? "planned" : "found", differs });
}

function differing(place: string, there: unknown, wanted: string | undefined): readonly Difference[] {
  return String(there) === String(wanted) ? [] : [{ place, there, wanted }];
}

/** Adds the login of the vCenter, and of each host without a vCenter. */
async function addLogins(
  run: Run,
  plan: Plan,
  lacking: readonly Looked[],
  following: Following,
): Promise<void> {
  const { vcenter } = plan;
  const mistakes: Mistake[] = [];
  if (vcenter && lacking.some(({ host }) => host.vcenter !== undefined)) {
    await run.surely(() => addLogin(run, vcenter, "vcenter", "vcenter", mistakes, following));
  }
  for (const { host, place } of lacking) {
    if (host.vcenter === undefined)
      await run.surely(() => addLogin(run, host.login ?? host.name, "host", place, mistakes, following));
    else if (host.vcenter !== vcenter?.hostname && !(await findLogin(run, host.vcenter)))
      mistakes.push({
        place: `${place}.mgmt_server`,
        problem: "has no login in the plan or on Deploy",
      });
  }
  if (mistakes.length > 0) throw new PlanError(mistakes);
}

/** @param login Only the host's name if the plan has no login for it. */
async function addLogin(
  run: Run,
  login: Login | string,
  type: "vcenter" | "host",
  place: string,
  mistakes: Mistake[],
  following: Following,
): Promise<void> {
  const target = typeof login === "string" ? login : login.hostname;
  const known = await findLogin(run, target);
  const isUsable = known !== undefined && !looksFailed(known);
  if (typeof login === "string") {
    if (!isUsable)
      mistakes.push({ place: `${place}.username`, problem: "is missing: Deploy has no login for this host" });
    return;
  }
  if (isUsable) {
    const differs = tellDifferences(differing(`${place}.username`, known.username, login.username));
    return run.tell({ name: "login", target, done: "found", differs });
  }
  if (run.dryRun && !known) return run.tell({ name: "login", target, done: "planned" });
  const refused = {
    place,
    problem: "has a login that Deploy could not use; correct it on Deploy's web page",
  };
  if (run.dryRun) {
    mistakes.push(refused);
    return;
  }
  try {
    const { job } = await run.send("POST", "/security/credentials", { body: { ...login, type } });
    run.tell({ name: "login", target, done: known ? "changed" : "made", ...(job && { job }) });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const now = await findLogin(run, target);
    const isThere = async () => (await findLogin(run, target)) !== undefined;
    if (!now && saysThatItIsThere(error) && (await following.next([target], isThere)))
      return addLogin(run, login, type, place, mistakes, following);
    if (!now) throw error;
    // No public call can replace a login.
    if (looksFailed(now)) mistakes.push(refused);
    else run.tell({ name: "login", target, done: "found" });
  }
}

/** Whether Deploy says that the object exists. Any other rejection is about the request itself. */
function saysThatItIsThere({ status, message }: ClientError): boolean {
  return status === 409 || /already|exist/i.test(message);
}

function findLogin(run: Run, hostname: string): Promise<DeployRecord | undefined> {
  return findBy(run, "/security/credentials", "hostname", hostname);
}
