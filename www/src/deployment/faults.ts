// The errors of a plan that can be found without a request: by the workflows' rules, and against Deploy's objects.

import type { ClusterPlan } from "ontap-select-deploy/api";
import { bytesOf } from "../../../src/workflows/capacity.js";
import { lackingFor } from "../../../src/workflows/findings.js";
import type { Equipment, Facts } from "./facts.js";
import { checkPlan, type Mistake } from "./workflow.js";

/** `equipment`: networks and pools by host name. */
export function faultsAgainst(
  plan: ClusterPlan,
  facts: Facts,
  equipment: ReadonlyMap<string, Equipment>,
): readonly Mistake[] {
  const cluster = facts.clusters.find(({ name }) => name === plan.cluster.name);
  return firstOfEach([
    ...checkPlan(plan),
    ...faultsOfLogins(plan, facts),
    ...(cluster?.isDeployed ? [{ place: "cluster.name", problem: "is already the name of a cluster" }] : []),
    // A running deploy has already used its capacity.
    ...(cluster?.isBusy ? [] : faultsOfNodes(plan, equipment)),
  ]);
}

/** Keeps the first error of each place. */
function firstOfEach(mistakes: readonly Mistake[]): readonly Mistake[] {
  const first = (wanted: string) => mistakes.findIndex(({ place }) => place === wanted);
  return mistakes.filter(({ place }, index) => first(place) === index);
}

function faultsOfLogins({ hosts }: ClusterPlan, { hosts: known, refused }: Facts): Mistake[] {
  const problem = "needs a working login: Deploy could not log in with the stored one";
  return hosts.flatMap(({ name, mgmt_server }, index) => {
    if (known.some((host) => host.name === name) || !refused.includes(mgmt_server || name)) return [];
    return mgmt_server
      ? [{ place: "vcenter.hostname", problem: `${problem}. Correct it in Deploy first` }]
      : // Only this call can send another login; it does not change the stored one.
        [
          {
            place: `hosts[${index}].name`,
            problem: `${problem}. Add the host under “Add host”, with its login`,
          },
        ];
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
        // The check ignores the purpose.
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
