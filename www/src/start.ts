// The forms that start something.

import type { DeployClient } from "ontap-select-deploy";
import { el } from "./dom.js";
import { input, select } from "./fields.js";
import type { Kind } from "./kind.js";
import { onSubmit } from "./once.js";
import { createCluster, deployCluster } from "./start-cluster.js";
import { addHost, checkHost, fifty } from "./start-host.js";
import type { Action } from "./watch.js";

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
  const create = createCluster(() => deploy.shown());
  const kinds: Kind[] = [create, deploy, addHost(), checkHost(client), fifty(), followJob()];
  const limit = select("Wait", limits);
  const form = el("form", { class: "start__form" });
  let current: Kind | undefined;

  const rearm = onSubmit(form, () => {
    for (const action of current?.actions() ?? []) start(action, Number(limit.control.value));
  });

  function show(kind: Kind): void {
    current = kind;
    rearm();
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
