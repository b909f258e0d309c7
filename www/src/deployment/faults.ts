// What is wrong with a plan, as far as it can be seen without sending anything: by the workflows' own rules, and against
// what Deploy has been found to have.

import type { ClusterPlan } from "ontap-select-deploy/api";
import { bytesOf } from "../../../src/workflows/capacity.js";
import { lackingFor } from "../../../src/workflows/findings.js";
import type { Equipment, Facts } from "./facts.js";
import { checkPlan, type Mistake } from "./workflow.js";

/** `equipment` is what is known of hosts, by name. */
export function faultsAgainst(
  plan: ClusterPlan,
  facts: Facts,
  equipment: ReadonlyMap<string, Equipment>,
): readonly Mistake[] {
  const cluster = facts.clusters.find(({ name }) => name === plan.cluster.name);
  return firstOfEach([
    ...checkPlan(plan),
    ...faultsOfLogins(plan, facts),
    ...(cluster?.isDeployed
      ? [{ place: "cluster.name", problem: "is the name of a cluster that is there already" }]
      : []),
    // A deploy that runs has taken its room already.
    ...(cluster?.isBusy ? [] : faultsOfNodes(plan, equipment)),
  ]);
}

/** What is missing is not also said to be none of Deploy's. */
function firstOfEach(mistakes: readonly Mistake[]): readonly Mistake[] {
  const first = (wanted: string) => mistakes.findIndex(({ place }) => place === wanted);
  return mistakes.filter(({ place }, index) => first(place) === index);
}

function faultsOfLogins({ hosts }: ClusterPlan, { hosts: known, refused }: Facts): Mistake[] {
  const problem = "is one that Deploy could not log in to";
  return hosts.flatMap(({ name, mgmt_server }, index) => {
    if (known.some((host) => host.name === name) || !refused.includes(mgmt_server || name)) return [];
    return mgmt_server
      ? [{ place: "vcenter.hostname", problem: `${problem}. Correct its login in Deploy first` }]
      : // The one call that brings a login along; the stored one stays as it is.
        [{ place: `hosts[${index}].name`, problem: `${problem}. Add it under “Add host”, with its login` }];
  });
}

function faultsOfNodes({ nodes }: ClusterPlan, equipment: ReadonlyMap<string, Equipment>): Mistake[] {
  const asked = new Map<string, number>();
  return nodes.flatMap(({ host_name, networks, storage }, index) => {
    const has = equipment.get(host_name);
    if (!has) return [];
    const place = `nodes[${index}]`;
    const node = {
      host: host_name,
      networks: networks.map(({ name }, at) => ({
        // The purpose is not looked at.
        purpose: "data" as const,
        name: name || undefined,
        vlan: undefined,
        place: `${place}.networks[${at}]`,
      })),
      pools: storage.pools.map(({ name, capacity }) => ({ name, capacity: bytesOf(capacity) })),
      disks: [],
    };
    return lackingFor(node, place, has, asked);
  });
}
