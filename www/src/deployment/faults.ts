// What is wrong with a plan, as far as it can be seen without sending anything.

import { inWords } from "./capacity.js";
import type { Equipment, Facts } from "./facts.js";
import type { Fault, Plan } from "./plan.js";
import { faultsOf } from "./workflow.js";

/** Faults of the plan in itself, and against what Deploy has. `equipment` is what is known of hosts, by name. */
export function faultsAgainst(
  plan: Plan,
  facts: Facts,
  equipment: ReadonlyMap<string, Equipment>,
): readonly Fault[] {
  const registered = facts.hosts.map(({ name }) => name);
  return [
    ...faultsOf(plan, registered),
    ...faultsOfLogins(plan, facts),
    ...faultsOfNames(plan, facts),
    ...faultsOfNodes(plan, equipment),
  ];
}

function faultsOfLogins({ hosts }: Plan, { hosts: known, refused }: Facts): Fault[] {
  const problem = "is one that Deploy could not log in to";
  return hosts.flatMap(({ name, mgmt_server }, index) => {
    if (known.some((host) => host.name === name) || !refused.includes(mgmt_server ?? name)) return [];
    return mgmt_server
      ? [{ place: "vcenter.hostname", problem: `${problem}. Correct its login in Deploy first` }]
      : // The one call that brings a login along; the stored one stays as it is.
        [{ place: `hosts[${index}].name`, problem: `${problem}. Add it under “Add host”, with its login` }];
  });
}

function faultsOfNames({ cluster, nodes }: Plan, { clusters, images, licenses }: Facts): Fault[] {
  const faults: Fault[] = [];
  const known = clusters.find(({ name }) => name === cluster.name);
  const place = "cluster.name";
  if (known?.isDeployed) faults.push({ place, problem: "is the name of a cluster that is there already" });
  else if (known && /fail/.test(known.state))
    faults.push({ place, problem: "is the name of a cluster whose deploy failed: delete that one first" });
  else if (known?.isBusy) faults.push({ place, problem: "is the name of a cluster that a job works on" });
  const version = cluster.ontap_image_version;
  if (version && images.length > 0 && !images.includes(version))
    faults.push({ place: "cluster.ontap_image_version", problem: "is no version that Deploy has" });
  for (const [index, { license }] of nodes.entries()) {
    if (license && !licenses.some(({ serial }) => serial === license))
      faults.push({ place: `nodes[${index}].license`, problem: "is no license that Deploy has" });
  }
  return faults;
}

function faultsOfNodes({ nodes }: Plan, equipment: ReadonlyMap<string, Equipment>): Fault[] {
  const asked = new Map<string, number>();
  return nodes.flatMap(({ host_name, networks, storage }, index) => {
    const has = equipment.get(host_name);
    if (!has) return [];
    const faults: Fault[] = [];
    for (const [at, { name }] of networks.entries()) {
      const place = `nodes[${index}].networks[${at}].name`;
      if (name && !has.networks.includes(name))
        faults.push({ place, problem: `is no network of ${host_name}` });
    }
    for (const [at, { name, capacity = 0 }] of storage.pools.entries()) {
      const place = `nodes[${index}].storage.pools[${at}]`;
      const pool = has.pools.find((one) => one.name === name);
      if (!pool) {
        if (name) faults.push({ place: `${place}.name`, problem: `is no storage pool of ${host_name}` });
        continue;
      }
      if (pool.free === 0) faults.push({ place: `${place}.name`, problem: "has no room left" });
      const key = JSON.stringify([host_name, name]);
      const before = asked.get(key) ?? 0;
      asked.set(key, before + capacity);
      if (before + capacity <= pool.free) continue;
      const others = before > 0 ? `, of which other nodes take ${inWords(before)}` : "";
      const problem = `is more than the ${inWords(pool.free)} that are free${others}`;
      faults.push({ place: `${place}.capacity`, problem });
    }
    return faults;
  });
}
