// The forms that create and deploy a cluster.

import type { DeployClient } from "ontap-select-deploy";
import { describeNodes } from "./describe.js";
import { el } from "./dom.js";
import { input, select } from "./fields.js";
import { asTyped, type Kind, nextName } from "./kind.js";
import { objectList } from "./object-list.js";
import { pathOf } from "./objects.js";

export function createCluster(onCreated: () => void): Kind {
  const name = input("Name", { ...asTyped, value: "cluster-01" });
  const nodes = select(
    "Nodes",
    ["1", "2", "4", "6", "8"].map((count) => [count, count] as const),
  );
  const ip = input("IP address of the cluster", { ...asTyped, value: "192.0.2.10" });
  const netmask = input("Netmask", { ...asTyped, value: "255.255.255.0" });
  const gateway = input("Gateway", { ...asTyped, value: "192.0.2.1" });
  return {
    label: "Create cluster",
    submit: "Create cluster",
    fields: [name.block, nodes.block, ip.block, netmask.block, gateway.block],
    actions() {
      const body = {
        name: name.control.value.trim(),
        ip: ip.control.value.trim(),
        netmask: netmask.control.value.trim(),
        gateway: gateway.control.value.trim(),
      };
      const query = { node_count: Number(nodes.control.value) };
      name.control.value = nextName(body.name);
      return [
        {
          title: `Create cluster ${body.name}`,
          kind: "create",
          begin: (client) => client.submit("POST", "/clusters", { query, body }),
          onSuccess: onCreated,
        },
      ];
    },
  };
}

export function deployCluster(client: DeployClient): Kind & { shown(): void } {
  const cluster = objectList(
    client,
    "Cluster",
    "/clusters",
    "clusters",
    "There is no cluster yet. Create one first.",
  );
  const host = objectList(
    client,
    "Host of its nodes",
    "/hosts",
    "hosts",
    "There is no host yet. Add one first.",
  );
  const address = input(
    "IP address of its first node",
    { ...asTyped, value: "192.0.2.11" },
    "Further nodes count on from it. All take the host’s first network and its largest storage pool.",
  );
  const password = input("Password for the cluster’s admin", {
    type: "password",
    required: true,
    autocomplete: "new-password",
  });
  // Tells a password manager whose password this is: the cluster's, not the one of this console.
  const owner = el("input", { type: "text", autocomplete: "username", value: "admin", hidden: true });

  return {
    label: "Deploy cluster",
    submit: "Deploy cluster",
    fields: [cluster.block, host.block, address.block, owner, password.block],
    shown() {
      cluster.load();
      host.load();
    },
    actions() {
      const placement = {
        cluster: cluster.control.value,
        host: host.control.value,
        firstAddress: address.control.value.trim(),
      };
      const body = { ontap_credential: { password: password.control.value } };
      password.control.value = "";
      return [
        {
          title: `Deploy cluster ${cluster.name}`,
          kind: "deploy",
          async begin(client) {
            await describeNodes(client, placement);
            return client.submit("POST", pathOf("clusters", placement.cluster, "deploy"), { body });
          },
        },
      ];
    },
  };
}
