// A plan as a file: reads it with its errors, and offers one for download.

import type { ClusterPlan } from "ontap-select-deploy/api";
import { el } from "../dom.js";
import { withoutPasswords } from "./plan.js";
import { checkPlan, type Mistake } from "./workflow.js";

/** Bytes. A plan with twelve nodes has about 10 000. */
const largest = 1_000_000;

/** A plan with its errors. */
export interface Read {
  readonly plan: ClusterPlan;
  readonly faults: readonly Mistake[];
  /** The errors of values that the form cannot show. `plan` does not contain those values. */
  readonly leftOut: readonly Mistake[];
}

/**
 * Reads a plan. Missing values are faults, except passwords: the user enters them in the form.
 *
 * @throws Error if the file is not a plan.
 */
export async function readPlan(file: Blob, name: string): Promise<Read> {
  if (file.size > largest) throw new Error(`${name} is not a plan: it is larger than ${largest / 1000} KB.`);
  let read: unknown;
  try {
    read = JSON.parse(await file.text());
  } catch (error) {
    throw new Error(`${name} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (!isObject(read)) throw new Error(`${name} is not a plan: expected a JSON object.`);
  if (!("cluster" in read) && !("nodes" in read) && !("hosts" in read)) {
    throw new Error(`${name} is not a plan: expected “hosts”, “cluster” or “nodes”.`);
  }
  const plan = planOf(read);
  const faults = checkPlan(read as unknown as ClusterPlan).filter(({ place }) => !/password$/.test(place));
  const shown = new Set(checkPlan(plan).map(({ place }) => place));
  return { plan, faults, leftOut: faults.filter(({ place }) => !shown.has(place)) };
}

/** Downloads a plan without its passwords. */
export function download(plan: ClusterPlan): void {
  const text = `${JSON.stringify(withoutPasswords(plan), null, 2)}\n`;
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  el("a", { href: address, download: `${plan.cluster.name || "cluster"}.json` }).click();
  // The browser reads the address later.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The values that the form can show. Values of the wrong type are left out. */
export function planOf(read: Record<string, unknown>): ClusterPlan {
  const { vcenter, hosts, cluster, nodes, ...rest } = read;
  const { mtu, dns_info, ntp_servers, ...described } = isObject(cluster) ? cluster : {};
  const shown = {
    ...rest,
    ...(isObject(vcenter) && { vcenter: texts(vcenter) }),
    // NetApp's script reads a host's `user`, but its input files have `username`.
    hosts: objects(hosts).map(({ user, ...host }) => texts({ username: user, ...texts(host) })),
    cluster: {
      ...texts(described),
      ...(typeof mtu === "number" && { mtu }),
      ...(isObject(dns_info) && {
        dns_info: { domains: words(dns_info.domains), dns_ips: words(dns_info.dns_ips) },
      }),
      ...(Array.isArray(ntp_servers) && { ntp_servers: words(ntp_servers) }),
    },
    nodes: objects(nodes).map(({ networks, storage, ...node }) => ({
      ...node,
      networks: objects(networks),
      storage: isObject(storage) ? { ...storage, pools: objects(storage.pools) } : { pools: [] },
    })),
  };
  return shown as unknown as ClusterPlan;
}

/** The members that are strings. */
function texts(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => isText(value)));
}

function words(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(isText) : [];
}

function objects(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
