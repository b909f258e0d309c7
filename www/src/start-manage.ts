// The form that powers a cluster on or off, resizes its nodes, and deletes it.

import type { DeployClient } from "ontap-select-deploy";
import { announce } from "./announce.js";
import { type KnownCluster, readClusters } from "./deployment/facts.js";
import { sizes } from "./deployment/node-card.js";
import { trouble } from "./deployment/progress.js";
import {
  deleteCluster,
  type Listener,
  resizeNodes,
  type Start,
  type WorkflowClient,
  workflowClient,
} from "./deployment/workflow.js";
import { button, el, setText } from "./dom.js";
import { inShort } from "./explain.js";
import { input, select, setOptions, showFault } from "./fields.js";
import type { Begin, Kind } from "./kind.js";
import { onSubmit } from "./once.js";

/** Known states in words. Any other state is shown as Deploy sends it. */
const states = new Map([
  ["powered_on", "powered on"],
  ["powered_off", "powered off"],
  ["not_deployed", "not deployed"],
  ["deploy_failed", "deploy failed"],
]);

export function manageCluster(client: DeployClient, begin: Begin): Kind {
  const choice = select("Cluster", []);
  const told = el("p", { class: "field__hint", role: "status" });
  const off = button("Power off", "button", () => power("powered_off"));
  const on = button("Power on", "button", () => power("powered_on"));
  const resize = button("Resize…", "button", () => askSize(true));
  const remove = button("Delete…", "button button--danger", () => ask(true));
  const buttons = el("div", { class: "manage__buttons" }, off, on, resize, remove);
  const size = select("Instance type for all nodes", sizes);
  const password = input("ONTAP admin password", {
    type: "password",
    autocomplete: "off",
    required: true,
  });
  const sizeForm = el(
    "form",
    { class: "manage__form", hidden: true },
    size.block,
    password.block,
    el(
      "div",
      { class: "manage__buttons" },
      el("button", { type: "submit", class: "button button--main" }, "Resize"),
      button("Cancel", "button", () => askSize(false)),
    ),
  );
  const warning = el("p", {});
  const typed = input("Type the cluster name to confirm", { spellcheck: "false", autocapitalize: "none" });
  const confirm = el("button", { type: "submit", class: "button button--danger" });
  const form = el(
    "form",
    { class: "manage__form manage__form--danger", hidden: true, novalidate: true },
    warning,
    typed.block,
    el(
      "div",
      { class: "manage__buttons" },
      confirm,
      button("Cancel", "button", () => ask(false)),
    ),
  );
  /** The message of the running job. */
  const now = el("p", { class: "field__hint manage__told" });
  const failure = el("div", { class: "manage__told" });
  const element = el(
    "div",
    { class: "start__form" },
    choice.block,
    told,
    now,
    failure,
    buttons,
    sizeForm,
    form,
  );
  let clusters: readonly KnownCluster[] | undefined;
  let busy = false;
  show();

  choice.control.addEventListener("change", () => {
    ask(false);
    askSize(false);
    failure.replaceChildren();
    show();
  });
  onSubmit(sizeForm, () => {
    const cluster = chosen();
    if (!cluster) return;
    const [type, typedPassword] = [size.control.value, password.control.value];
    askSize(false);
    void carryOut(cluster, (tracked) => resizeNodes(tracked, cluster.name, type, typedPassword));
  });
  onSubmit(form, () => {
    const cluster = chosen();
    if (!cluster) return;
    const isRight = typed.control.value.trim() === cluster.name;
    showFault(typed, isRight ? "" : `This does not match the name ${cluster.name}.`);
    if (!isRight) return typed.control.focus();
    ask(false);
    void carryOut(cluster, (tracked) => deleteCluster(tracked, cluster.name));
  });

  function chosen(): KnownCluster | undefined {
    return clusters?.find(({ id }) => id === choice.control.value);
  }

  function show(): void {
    const cluster = chosen();
    choice.block.hidden = cluster === undefined;
    buttons.hidden = cluster === undefined || busy;
    off.hidden = cluster?.state !== "powered_on";
    on.hidden = cluster?.state !== "powered_off";
    resize.hidden = cluster?.state !== "powered_on";
    if (cluster) setText(told, `State: ${states.get(cluster.state) ?? cluster.state}`);
    else setText(told, clusters ? "No clusters yet. Deploy one first." : "Loading clusters…");
  }

  function ask(isAsked: boolean): void {
    const cluster = chosen();
    const wasAsked = !form.hidden;
    form.hidden = !isAsked || cluster === undefined;
    buttons.hidden = !form.hidden || busy;
    typed.control.value = "";
    showFault(typed, "");
    if (!cluster) return;
    const before = cluster.state === "powered_on" ? "powers off and " : "";
    setText(
      warning,
      cluster.isDeployed
        ? `This ${before}deletes ${cluster.name} with its nodes and all their data. You cannot undo it.`
        : `This deletes the configuration of ${cluster.name}. The cluster was never deployed, so no data is lost.`,
    );
    setText(confirm, `Delete ${cluster.name}`);
    if (isAsked) typed.control.focus();
    else if (wasAsked) remove.focus();
  }

  function askSize(isAsked: boolean): void {
    const wasAsked = !sizeForm.hidden;
    sizeForm.hidden = !isAsked || chosen() === undefined;
    buttons.hidden = !sizeForm.hidden || busy;
    password.control.value = "";
    if (isAsked) size.control.focus();
    else if (wasAsked) resize.focus();
  }

  async function load(): Promise<void> {
    try {
      clusters = await readClusters(client);
      setOptions(
        choice.control,
        clusters.map(({ id, name }) => [id, name] as const),
      );
      show();
    } catch (error) {
      setText(told, inShort(error));
    }
  }

  function power(availability: "powered_on" | "powered_off"): void {
    const cluster = chosen();
    if (!cluster) return;
    const options = { params: { id: cluster.id }, query: { force: "state" }, body: { availability } };
    void carryOut(cluster, (tracked) => tracked.request("PATCH", "/clusters/{id}", options));
  }

  /** Runs the work and shows its error here. The timeline shows a failed job, too. */
  async function carryOut(
    { name }: KnownCluster,
    work: (client: WorkflowClient) => Promise<unknown>,
  ): Promise<void> {
    if (busy) return;
    busy = true;
    buttons.hidden = true;
    failure.replaceChildren();
    const start: Start = (action) => begin(action, Number.POSITIVE_INFINITY);
    const subject = { cluster: name, doing: { name: "delete", targets: [name] } };
    const listener: Listener = {
      begun: (_, title) => setText(told, `${title}: in progress`),
      told: (_, { message }) => setText(now, message ?? ""),
    };
    try {
      await work(workflowClient(client, start, subject, listener));
    } catch (error) {
      failure.replaceChildren(trouble(error));
      announce(inShort(error));
    } finally {
      busy = false;
      setText(now, "");
      await load();
    }
  }

  return { label: "Manage cluster", element, shown: () => void load() };
}
