// The “Start” panel with a form for each kind of job.

import type { DeployClient } from "ontap-select-deploy";
import { el } from "./dom.js";
import { input } from "./fields.js";
import { type Begin, type Kind, simpleKind } from "./kind.js";
import { deployment } from "./start-deployment.js";
import { addHost, checkHost, fifty } from "./start-host.js";
import { addLicenseFile } from "./start-license.js";
import { manageCluster } from "./start-manage.js";

/**
 * The panel; `begin` receives each action. `simulated`: Deploy is a simulator, so the forms fill in sample values.
 * `onHosts` is called when Deploy has hosts for a cluster.
 */
export function startPanel(
  client: DeployClient,
  begin: Begin,
  simulated: boolean,
  onHosts: () => void,
): HTMLElement {
  const deploy = deployment(client, begin, simulated, shape, onHosts);
  const kinds: Kind[] = [
    addHost(client, begin, simulated),
    deploy,
    manageCluster(client, begin),
    addLicenseFile(client, begin),
    checkHost(client, begin),
    followJob(begin),
    ...(simulated ? [fifty(begin)] : []),
  ];
  const place = el("div", { class: "start__place" });
  let current: Kind | undefined;

  function show(kind: Kind): void {
    current = kind;
    place.replaceChildren(kind.element);
    shape();
    kind.shown?.();
  }

  function shape(): void {
    panel.classList.toggle("start--wide", current?.isWide?.() === true);
  }

  const choices = kinds.map((kind) => {
    const id = `start-${kind.label.toLowerCase().replaceAll(" ", "-")}`;
    const radio = el("input", { type: "radio", name: "kind", class: "choice__radio", id });
    radio.addEventListener("change", () => show(kind));
    return {
      kind,
      radio,
      element: el("label", { class: "choice" }, radio, el("span", { class: "choice__label" }, kind.label)),
    };
  });
  const panel = el(
    "section",
    { class: "panel start", "aria-labelledby": "start-title" },
    el("h2", { class: "panel__title", id: "start-title", tabindex: -1 }, "Start"),
    el(
      "fieldset",
      { class: "choices" },
      el("legend", { class: "visually-hidden" }, "Action"),
      ...choices.map(({ element }) => element),
    ),
    place,
  );
  choose(kinds[0]);
  takeFiles(panel, (files) => {
    choose(deploy);
    deploy.take(files);
  });
  return panel;

  function choose(wanted: Kind | undefined): void {
    const choice = choices.find(({ kind }) => kind === wanted);
    if (!choice) return;
    choice.radio.checked = true;
    show(choice.kind);
  }
}

/** Takes files that the user drops anywhere on the page while the panel exists. */
function takeFiles(panel: HTMLElement, take: (files: readonly File[]) => void): void {
  const gone = new AbortController();
  const { signal } = gone;
  const holdsFile = ({ dataTransfer }: DragEvent) => {
    // An element gets no event when it is removed from the page.
    if (!panel.isConnected) gone.abort();
    return panel.isConnected && dataTransfer?.types.includes("Files") === true;
  };
  const mark = (isOver: boolean) => panel.classList.toggle("start--over", isOver);
  document.addEventListener(
    "dragover",
    (event) => {
      if (!holdsFile(event)) return;
      event.preventDefault();
      mark(true);
    },
    { signal },
  );
  document.addEventListener("dragleave", ({ relatedTarget }) => relatedTarget ?? mark(false), { signal });
  document.addEventListener(
    "drop",
    (event) => {
      mark(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (!holdsFile(event) || files.length === 0) return;
      event.preventDefault();
      take(files);
    },
    { signal },
  );
}

function followJob(begin: Begin): Kind {
  const id = input(
    "Job id",
    { required: true, spellcheck: "false", autocapitalize: "none" },
    "The id of a job that was started elsewhere, or before this page was loaded.",
  );
  return simpleKind(
    {
      label: "Follow a job",
      submit: "Follow job",
      fields: [id.block],
      actions() {
        const job = id.control.value.trim();
        id.control.value = "";
        return [{ title: `Job ${job}`, job, begin: (client) => client.job(job) }];
      },
    },
    begin,
  );
}
