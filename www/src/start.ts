// The forms that start something.

import type { DeployClient } from "ontap-select-deploy";
import { type Cluster, listClusters } from "./clusters.js";
import { button, el, setText } from "./dom.js";
import { explain } from "./explain.js";
import { input, select, setOptions } from "./fields.js";
import type { Action } from "./watch.js";

/** One kind of work: what to fill in, and the actions that come of it. */
interface Kind {
  readonly label: string;
  readonly submit: string;
  readonly fields: readonly HTMLElement[];
  actions(): readonly Action[];
  /** Called when the kind is chosen. */
  shown?(): void;
}

const limits = [
  ["Infinity", "until it ends"],
  ["5000", "at most 5 seconds"],
  ["60000", "at most 1 minute"],
  ["3600000", "at most 1 hour"],
] as const;

/** The panel; `start` gets each action, with the longest wait in milliseconds. */
export function startPanel(
  client: DeployClient,
  start: (action: Action, limit: number) => void,
): HTMLElement {
  const deploy = deployCluster(client);
  const kinds: Kind[] = [createCluster(() => deploy.shown?.()), deploy, checkHost(), fifty(), followJob()];
  const limit = select("Wait", limits);
  const form = el("form", { class: "start__form" });
  let current: Kind | undefined;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    for (const action of current?.actions() ?? []) start(action, Number(limit.control.value));
  });

  function show(kind: Kind): void {
    current = kind;
    const submit = el("button", { type: "submit", class: "button button--main button--wide" }, kind.submit);
    form.replaceChildren(...kind.fields, limit.block, submit);
    kind.shown?.();
  }

  const choices = kinds.map((kind, index) => {
    const radio = el("input", { type: "radio", name: "kind", class: "choice__radio", checked: index === 0 });
    radio.addEventListener("change", () => show(kind));
    return el("label", { class: "choice" }, radio, el("span", { class: "choice__label" }, kind.label));
  });
  if (kinds[0]) show(kinds[0]);

  return el(
    "section",
    { class: "panel start", "aria-labelledby": "start-title" },
    el("h2", { class: "panel__title", id: "start-title", tabindex: -1 }, "Start"),
    el(
      "fieldset",
      { class: "choices" },
      el("legend", { class: "visually-hidden" }, "What to start"),
      ...choices,
    ),
    form,
  );
}

function createCluster(onCreated: () => void): Kind {
  const name = input("Name", {
    required: true,
    value: "cluster-01",
    spellcheck: "false",
    autocapitalize: "none",
  });
  const nodes = select(
    "Nodes",
    ["1", "2", "4", "6", "8"].map((count) => [count, count] as const),
  );
  return {
    label: "Create cluster",
    submit: "Create cluster",
    fields: [name.block, nodes.block],
    actions() {
      const body = { name: name.control.value.trim() };
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

function deployCluster(client: DeployClient): Kind {
  const cluster = select("Cluster", []);
  const password = input("Password for the cluster’s admin", {
    type: "password",
    required: true,
    autocomplete: "new-password",
  });
  // Tells a password manager whose password this is: the cluster's, not the one of this console.
  const owner = el("input", { type: "text", autocomplete: "username", value: "admin", hidden: true });
  const problem = el("p", { class: "field__hint", role: "status" });
  const again = button("Load clusters again", "button button--small", () => void load());
  cluster.control.required = true;
  cluster.block.append(problem, again);
  again.hidden = true;

  async function load(): Promise<void> {
    again.hidden = true;
    if (cluster.control.options.length === 0) setText(problem, "Loading clusters…");
    try {
      offer(await listClusters(client));
    } catch (error) {
      const { title, reason } = explain(error);
      setText(problem, `${title}. ${reason ?? ""}`);
      again.hidden = false;
    }
  }

  function offer(clusters: readonly Cluster[]): void {
    setOptions(
      cluster.control,
      clusters.map(({ id, name }) => [id, name] as const),
    );
    setText(problem, clusters.length === 0 ? "There is no cluster yet. Create one first." : "");
  }

  return {
    label: "Deploy cluster",
    submit: "Deploy cluster",
    fields: [cluster.block, owner, password.block],
    shown: () => void load(),
    actions() {
      const { value: id, selectedOptions } = cluster.control;
      const body = { ontap_credential: { password: password.control.value } };
      password.control.value = "";
      return [
        {
          title: `Deploy cluster ${selectedOptions[0]?.textContent ?? id}`,
          kind: "deploy",
          begin: (client) => client.submit("POST", `/clusters/${encodeURIComponent(id)}/deploy`, { body }),
        },
      ];
    },
  };
}

function checkHost(): Kind {
  const host = input(
    "Host",
    { required: true, value: "unreachable-esx-01", spellcheck: "false", autocapitalize: "none" },
    "On the simulator, a host whose name begins with “unreachable” cannot be reached, and one with “slow” takes its time.",
  );
  return {
    label: "Check host",
    submit: "Check host",
    fields: [host.block],
    actions() {
      const name = host.control.value.trim();
      return [
        {
          title: `Check host ${name}`,
          begin: (client) => client.submit("POST", "/network/connectivitychecks", { body: { name } }),
        },
      ];
    },
  };
}

function followJob(): Kind {
  const id = input(
    "Job id",
    { required: true, spellcheck: "false", autocapitalize: "none" },
    "Of a job that was started elsewhere, or before this page was loaded.",
  );
  return {
    label: "Follow a job",
    submit: "Follow job",
    fields: [id.block],
    actions() {
      const job = id.control.value.trim();
      id.control.value = "";
      return [{ title: `Job ${job}`, begin: (client) => client.job(job) }];
    },
  };
}

function fifty(): Kind {
  const prefix = input(
    "Names begin with",
    { required: true, value: "esx", spellcheck: "false", autocapitalize: "none" },
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
        const name = `${bad}${prefix.control.value.trim()}-${round}-${String(at + 1).padStart(2, "0")}`;
        return {
          title: `Add host ${name}`,
          begin: (client: DeployClient) => client.submit("POST", "/hosts", { body: { name } }),
        };
      });
    },
  };
}

/** `cluster-01` becomes `cluster-02`: the next one is ready to be started. */
function nextName(name: string): string {
  return name.replace(/\d+$/, (digits) => String(Number(digits) + 1).padStart(digits.length, "0"));
}
