// A plan as a file: read, with a word about what is wrong with it, and offered for download.

import type { ClusterPlan } from "ontap-select-deploy/api";
import { el } from "../dom.js";
import { withoutPasswords } from "./plan.js";
import { checkPlan, type Mistake } from "./workflow.js";

/** Bytes. A plan of twelve nodes has some ten thousand. */
const largest = 1_000_000;

/** A plan that can be shown, with what is wrong with it. */
export interface Read {
  readonly plan: ClusterPlan;
  readonly faults: readonly Mistake[];
  /** Those of what is left out, since it cannot be shown. The plan is in order without it, and is not what was meant. */
  readonly leftOut: readonly Mistake[];
}

/**
 * Reads a plan. What it leaves out is empty in the form, and among the faults; passwords are for the form to ask.
 *
 * @throws Error that says why this is no plan at all.
 */
export async function readPlan(file: Blob, name: string): Promise<Read> {
  if (file.size > largest) throw new Error(`${name} is no plan: it has more than ${largest / 1000} KB.`);
  let read: unknown;
  try {
    read = JSON.parse(await file.text());
  } catch (error) {
    throw new Error(`${name} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (!isObject(read)) throw new Error(`${name} is no plan: it must hold a JSON object.`);
  if (!("cluster" in read) && !("nodes" in read) && !("hosts" in read)) {
    throw new Error(`${name} is no plan: it has none of “hosts”, “cluster” and “nodes”.`);
  }
  const plan = planOf(read);
  const faults = checkPlan(read as unknown as ClusterPlan).filter(({ place }) => !/password$/.test(place));
  const shown = new Set(checkPlan(plan).map(({ place }) => place));
  return { plan, faults, leftOut: faults.filter(({ place }) => !shown.has(place)) };
}

/** Offers a plan without its passwords as a file. */
export function download(plan: ClusterPlan): void {
  const text = `${JSON.stringify(withoutPasswords(plan), null, 2)}\n`;
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  el("a", { href: address, download: `${plan.cluster.name || "cluster"}.json` }).click();
  // The browser reads it after this turn.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** What can be shown of what was read: what has the wrong form is left out, and so is a password that is elsewhere. */
export function planOf(read: Record<string, unknown>): ClusterPlan {
  const { vcenter, hosts, cluster, nodes, ...rest } = read;
  const { mtu, dns_info, ntp_servers, ...described } = isObject(cluster) ? cluster : {};
  const shown = {
    ...rest,
    ...(isObject(vcenter) && { vcenter: texts(vcenter) }),
    // NetApp's script reads a host's `user`, and its input files say `username`.
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

/** The members that are texts. */
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
