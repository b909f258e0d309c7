// The forms that add hosts and check the network between them.

import type { DeployClient } from "ontap-select-deploy";
import { input, select } from "./fields.js";
import { asTyped, type Kind, nextName } from "./kind.js";
import { objectList } from "./object-list.js";
import { listObjects, pathOf } from "./objects.js";

const hypervisors = [
  ["ESX", "VMware ESXi"],
  ["KVM", "KVM"],
] as const;

export function addHost(): Kind {
  const host = input(
    "Host",
    { ...asTyped, value: "esx-01" },
    "On the simulator, a host whose name begins with “unreachable” cannot be reached, and one with “slow” takes its time.",
  );
  const hypervisor = select("Hypervisor", hypervisors);
  return {
    label: "Add host",
    submit: "Add host",
    fields: [host.block, hypervisor.block],
    actions() {
      const name = host.control.value.trim();
      host.control.value = nextName(name);
      return [{ ...adding(name, hypervisor.control.value), kind: "host" }];
    },
  };
}

export function checkHost(client: DeployClient): Kind {
  const host = objectList(client, "Host to check", "/hosts", "hosts", "There is no host yet. Add one first.");
  return {
    label: "Check host",
    submit: "Check host",
    fields: [host.block],
    shown: () => host.load(),
    actions() {
      const { name } = host;
      const id = host.control.value;
      return [
        {
          title: `Check host ${name}`,
          async begin(client) {
            const [network] = await listObjects(client, `${pathOf("hosts", id)}/networks`);
            if (!network) throw new Error(`Deploy knows no network of host ${name}.`);
            const body = {
              mode: "quick",
              mtu: 1500,
              vswitch_type: "StandardvSwitch",
              host_networks: [{ host_name: name, network_name: network.name }],
            };
            return client.submit("POST", "/network/connectivitychecks", { body });
          },
        },
      ];
    },
  };
}

export function fifty(): Kind {
  const prefix = input(
    "Names begin with",
    { ...asTyped, value: "esx" },
    "Fifty hosts are added at once; every tenth is named as one that cannot be reached.",
  );
  let round = 0;
  return {
    label: "Start 50",
    submit: "Start 50",
    fields: [prefix.block],
    actions() {
      round += 1;
      return Array.from({ length: 50 }, (_, at) => {
        const bad = at % 10 === 9 ? "unreachable-" : "";
        return adding(
          `${bad}${prefix.control.value.trim()}-${round}-${String(at + 1).padStart(2, "0")}`,
          "ESX",
        );
      });
    },
  };
}

function adding(name: string, hypervisor: string) {
  const body = { hosts: [{ name, hypervisor_type: hypervisor }] };
  return {
    title: `Add host ${name}`,
    begin: (client: DeployClient) => client.submit("POST", "/hosts", { body }),
  };
}
