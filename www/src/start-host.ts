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
  ["ESX", "ESX, direct login"],
  ["KVM", "KVM"],
  ["vcenter", "ESX, through vCenter"],
] as const;

/** `simulated`: Deploy is a simulator, so the form fills in sample values. */
export function addHost(client: DeployClient, begin: Begin, simulated: boolean): Kind {
  const host = input(
    "Host",
    { ...asTyped, value: simulated ? "esx-01" : "" },
    simulated
      ? "Separate several hosts with commas. On the simulator, a name that begins with “unreachable” fails, and one that begins with “slow” takes longer."
      : "Name or address. Separate several hosts with commas.",
  );
  const hypervisor = select("Hypervisor", hypervisors);
  const vcenter = input("vCenter", { ...asTyped, required: false });
  const login = exampleLogin(simulated);
  const username = input("Host user", {
    ...asTyped,
    required: false,
    value: login.username,
  });
  const password = input(
    "Host password",
    { type: "password", autocomplete: "off", value: login.password },
    "Leave user and password empty if Deploy already has the login.",
  );
  const isThroughVcenter = () => hypervisor.control.value === "vcenter";
  vcenter.block.hidden = true;
  hypervisor.control.addEventListener("change", () => {
    vcenter.block.hidden = !isThroughVcenter();
    vcenter.control.required = isThroughVcenter();
    const owner = isThroughVcenter() ? "vCenter" : "Host";
    for (const [field, what] of [
      [username, "user"],
      [password, "password"],
    ] as const)
      field.block.querySelector("label")?.replaceChildren(`${owner} ${what}`);
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
          isWhole ? "" : "Enter both user and password, or neither.",
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
          () => isSent || tell(`Deploy already has ${wanted.join(", ")}.`),
          // The timeline shows a failed job.
          (error: unknown) => error instanceof JobFailedError || tell(inShort(error)),
        );
        return [];
      },
    },
    begin,
  );
}

export function checkHost(client: DeployClient, begin: Begin): Kind {
  const host = objectList(client, "Host to check", "/hosts", "hosts", "No hosts yet. Add one first.");
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
              if (!network) throw new Error(`Deploy lists no network for host ${name}.`);
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

/** Fifty jobs at once, for a simulated Deploy. */
export function fifty(begin: Begin): Kind {
  const prefix = input(
    "Name prefix",
    { ...asTyped, value: "esx" },
    "Adds 50 hosts at once. Every tenth host is unreachable.",
  );
  let round = 0;
  return simpleKind(
    {
      label: "Add 50 hosts",
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

/** The call that adds hosts, all with the same credential or with one that Deploy already has. */
function adding(names: readonly string[], hypervisor: string, credential: object | undefined) {
  const hosts = names.map((name) => ({ name, hypervisor_type: hypervisor, credential }));
  const [first = ""] = names;
  return {
    title: names.length === 1 ? `Add host ${first}` : `Add hosts ${first} and ${names.length - 1} more`,
    begin: (client: DeployClient) => client.submit("POST", "/hosts", { body: { hosts } }),
  };
}
