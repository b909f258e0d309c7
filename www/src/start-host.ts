// The forms that add hosts and check the network between them.

import { type DeployClient, JobFailedError } from "ontap-select-deploy";
import { addHosts, type Start, workflowClient } from "./deployment/workflow.js";
import { inShort } from "./explain.js";
import { input, select, showFault } from "./fields.js";
import { asTyped, type Begin, freeName, type Kind, nextName, simpleKind } from "./kind.js";
import { objectList } from "./object-list.js";
import { listObjects, pathOf } from "./objects.js";
import { exampleLogin } from "./sample.js";

const hypervisors = [
  ["ESX", "ESX, own login"],
  ["KVM", "KVM"],
  ["vcenter", "ESX through vCenter"],
] as const;

/** `simulated`: Deploy is a simulator, to which everything is filled in. */
export function addHost(client: DeployClient, begin: Begin, simulated: boolean): Kind {
  const host = input(
    "Host",
    { ...asTyped, value: simulated ? "esx-01" : "" },
    simulated
      ? "Several: with commas between. On the simulator, one whose name begins with “unreachable” cannot be reached, and one with “slow” takes its time."
      : "Its name or address. Several: with commas between.",
  );
  const hypervisor = select("Hypervisor", hypervisors);
  const vcenter = input("vCenter", { ...asTyped, required: false });
  const login = exampleLogin(simulated);
  const username = input("User of the host", {
    ...asTyped,
    required: false,
    value: login.username,
  });
  const password = input(
    "Password of the host",
    { type: "password", autocomplete: "off", value: login.password },
    "Leave both empty where Deploy has the login already.",
  );
  const isThroughVcenter = () => hypervisor.control.value === "vcenter";
  vcenter.block.hidden = true;
  hypervisor.control.addEventListener("change", () => {
    vcenter.block.hidden = !isThroughVcenter();
    vcenter.control.required = isThroughVcenter();
    const owner = isThroughVcenter() ? "vCenter" : "host";
    for (const [field, what] of [
      [username, "User"],
      [password, "Password"],
    ] as const)
      field.block.querySelector("label")?.replaceChildren(`${what} of the ${owner}`);
  });

  return simpleKind(
    {
      label: "Add host",
      fields: [host.block, hypervisor.block, vcenter.block, username.block, password.block],
      shown() {
        if (!simulated) return;
        listObjects(client, "/hosts").then(
          (hosts) => {
            const taken = hosts.map(({ name }) => name);
            host.control.value = freeName(host.control.value, taken);
          },
          () => {},
        );
      },
      actions() {
        const names = host.control.value.split(",").map((name) => name.trim());
        const wanted = names.filter(Boolean);
        const credential = { username: username.control.value.trim(), password: password.control.value };
        showFault(host, "");
        const isWhole = (credential.username === "") === (credential.password === "");
        showFault(
          credential.username ? password : username,
          isWhole ? "" : "User and password belong together.",
        );
        if (!isWhole || wanted.length === 0) return [];
        const hasLogin = credential.username !== "";
        host.control.value = nextName(wanted.at(-1) ?? "");
        if (!isThroughVcenter()) {
          const type = hypervisor.control.value;
          return [{ ...adding(wanted, type, hasLogin ? credential : undefined), kind: "host" as const }];
        }
        const hostname = vcenter.control.value.trim();
        let isSent = false;
        const send: Start = (action) => begin(action, Number.POSITIVE_INFINITY);
        const listener = {
          begun() {
            isSent = true;
          },
        };
        const tell = (problem: string) => showFault(host, isSent ? problem : `${problem} Nothing was sent.`);
        const hosts = wanted.map((name) => ({ name, type: "ESX", mgmt_server: hostname }));
        const subject = { cluster: "", doing: { name: "host", targets: wanted } };
        addHosts(workflowClient(client, send, subject, listener), {
          hosts,
          ...(hasLogin && { vcenter: { hostname, ...credential } }),
        }).then(
          () => isSent || tell(`Deploy has ${wanted.join(", ")} already.`),
          // A job that failed stands on the timeline.
          (error: unknown) => error instanceof JobFailedError || tell(inShort(error)),
        );
        return [];
      },
    },
    begin,
  );
}

export function checkHost(client: DeployClient, begin: Begin): Kind {
  const host = objectList(client, "Host to check", "/hosts", "hosts", "There is no host yet. Add one first.");
  return simpleKind(
    {
      label: "Check host",
      fields: [host.block],
      shown: () => host.load(),
      actions() {
        const { name } = host;
        const id = host.control.value;
        return [
          {
            title: `Check host ${name}`,
            async begin(sender) {
              const [network] = await listObjects(sender, `${pathOf("hosts", id)}/networks`);
              if (!network) throw new Error(`Deploy knows no network of host ${name}.`);
              const body = {
                mode: "quick",
                mtu: 1500,
                vswitch_type: "StandardvSwitch",
                host_networks: [{ host_name: name, network_name: network.name }],
              };
              return sender.submit("POST", "/network/connectivitychecks", { body });
            },
          },
        ];
      },
    },
    begin,
  );
}

/** Fifty jobs at once, for a Deploy that is a simulator. */
export function fifty(begin: Begin): Kind {
  const prefix = input(
    "Names begin with",
    { ...asTyped, value: "esx" },
    "Fifty hosts are added at once; every tenth is named as one that cannot be reached.",
  );
  let round = 0;
  return simpleKind(
    {
      label: "Start 50",
      fields: [prefix.block],
      actions() {
        round += 1;
        return Array.from({ length: 50 }, (_, at) => {
          const bad = at % 10 === 9 ? "unreachable-" : "";
          const name = `${bad}${prefix.control.value.trim()}-${round}-${String(at + 1).padStart(2, "0")}`;
          return adding([name], "ESX", exampleLogin(true));
        });
      },
    },
    begin,
  );
}

/** Deploy logs in to each of them with the same credential, or with one that it has already. */
function adding(names: readonly string[], hypervisor: string, credential: object | undefined) {
  const hosts = names.map((name) => ({ name, hypervisor_type: hypervisor, credential }));
  const [first = ""] = names;
  return {
    title: names.length === 1 ? `Add host ${first}` : `Add hosts ${first} and ${names.length - 1} more`,
    begin: (client: DeployClient) => client.submit("POST", "/hosts", { body: { hosts } }),
  };
}
