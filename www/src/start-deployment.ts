// Deploys a cluster: the form, the file in place of typing, and the plan that is carried out.

import type { DeployClient } from "ontap-select-deploy";
import { dropDraft, keepDraft, keptDraft } from "./deployment/draft.js";
import {
  type Equipment,
  type KnownCluster,
  type KnownHost,
  readEquipment,
  readFacts,
} from "./deployment/facts.js";
import { download, readPlan } from "./deployment/file.js";
import { DeploymentForm } from "./deployment/form.js";
import type { Fault } from "./deployment/plan.js";
import { Progress } from "./deployment/progress.js";
import { timelineVm } from "./deployment/vm.js";
import { addHosts, checkNetwork, createCluster, type Vm } from "./deployment/workflow.js";
import { button, el, setText, uniqueId } from "./dom.js";
import { explain, inShort } from "./explain.js";
import type { Begin, Kind } from "./kind.js";
import { pathOf } from "./objects.js";
import { onSubmit } from "./once.js";
import type { Action } from "./watch.js";

/** After so many milliseconds without an answer the form says that it waits. */
const patience = 1_000;
const waiting =
  "Waiting for Deploy to say what it has. The line above the jobs says why. Nothing was sent yet.";

/** Something that takes several calls. */
interface Work {
  readonly title: string;
  readonly run: (vm: Vm) => Promise<unknown>;
  /** What is said when it failed. */
  readonly failed: string;
  readonly done: (progress: Progress) => void;
  /** What Deploy has is read before it is done, since the form comes back with it. */
  readonly isForForm?: boolean;
}

interface Deployment extends Kind {
  /** Takes what was dropped on the page. */
  take(files: readonly File[]): void;
}

/**
 * `onShape` is called when the form gives way to the steps, or comes back; `onHosts` when Deploy turns out to
 * have hosts for a cluster.
 */
export function deployment(
  client: DeployClient,
  begin: Begin,
  simulated: boolean,
  onShape: () => void,
  onHosts: () => void,
): Deployment {
  const form = new DeploymentForm(simulated, save, removeHost);
  const element = el("div", { class: "deployment" });
  const notice = el("p", { class: "deployment__notice", role: "status", tabindex: -1 });
  const summary = el("p", { class: "deployment__summary", role: "alert" });
  const file = planFile((chosen) => void take(chosen));
  const register = button("Add these hosts now", "button", registerHosts);
  const check = button("Check the network", "button", checkHosts);
  const submit = el(
    "button",
    { type: "submit", class: "button button--main", id: "deploy-submit" },
    "Deploy cluster",
  );
  const sheet = el(
    "form",
    { class: "deployment__form", novalidate: true },
    file.element,
    part("Hosts", "Where the nodes run.", form.hosts.element, register),
    part("Cluster", "How it is called and reached.", form.cluster),
    part("Nodes", "What each takes of its host.", form.nodes),
    summary,
    el(
      "div",
      { class: "deployment__foot" },
      submit,
      check,
      button("Download the plan", "button", () => download(form.plan)),
    ),
  );
  const equipment = new Map<string, Equipment>();
  /** Mistakes of the file in what the form does not show. */
  let unsettled: readonly Fault[] = [];
  let begun = false;
  /** What is being carried out. */
  let current: Progress | undefined;
  /** What Deploy has could not be read. */
  let isCut = false;
  /** The name of a cluster whose deploy was under way when the page was reloaded. */
  let underWay: string | undefined;
  element.append(notice, sheet);

  onSubmit(sheet, deploy);
  sheet.addEventListener("input", () => setText(summary, ""));

  function save(): void {
    // What is typed for a cluster that is under way, such as its password, does not end that.
    const isUnderWay = underWay !== undefined && underWay === form.name;
    if (!isUnderWay) setText(notice, "");
    show();
    keepDraft({ plan: form.plan, isUnderWay });
  }

  function show(): void {
    register.hidden = form.hosts.isEmpty;
    check.hidden = form.nodeCount < 2;
  }

  /** Reads what Deploy has; of hosts, what they offer. Gives whether the form was filled in anew. */
  async function load(): Promise<boolean> {
    let isNew = false;
    try {
      const facts = await readFacts(client);
      const ready = facts.hosts.filter(({ isReady }) => isReady);
      await Promise.all(
        ready.map(async ({ id, name }) => equipment.set(name, await readEquipment(client, id))),
      );
      form.know(facts, equipment);
      if (ready.length > 0) onHosts();
      if (isCut) setText(notice, "");
      isCut = false;
      const clusterOf = (name: string) => facts.clusters.find((cluster) => cluster.name === name);
      isNew = !begun || (underWay !== undefined && clusterOf(underWay)?.isDeployed === true);
      if (isNew) start(clusterOf);
    } catch (error) {
      isCut = true;
      setText(notice, `${inShort(error)} What Deploy has is not known, so nothing can be chosen yet.`);
    }
    show();
    return isNew;
  }

  /** Fills the form: with what was there before a reload, or with proposals. */
  function start(clusterOf: (name: string) => KnownCluster | undefined): void {
    begun = true;
    const draft = keptDraft();
    const name = draft?.plan.cluster.name ?? "";
    const cluster = clusterOf(name);
    underWay = undefined;
    if (!draft || cluster?.isDeployed) {
      dropDraft();
      form.propose();
      if (draft?.isUnderWay) setText(notice, `${name}, which was being deployed, is deployed.`);
      return;
    }
    form.fill(draft.plan, false);
    if (draft.isUnderWay) {
      underWay = name;
      setText(
        notice,
        cluster?.isBusy
          ? `${name} is being deployed: its job is in the list. Once that is over, the form goes on with the next cluster.`
          : "This plan was being carried out when the page was reloaded. Passwords are not kept: type them again, and deploy it again to go on. What is there by now is found.",
      );
    }
  }

  async function take(chosen: File): Promise<void> {
    try {
      const { plan, faults, leftOut } = await readPlan(chosen, chosen.name);
      begun = true;
      form.fill(plan, true);
      file.show(chosen.name, faults);
      unsettled = leftOut;
      save();
      await load();
      form.showFaults(({ place }) => !/password$/.test(place));
    } catch (error) {
      file.refuse(error instanceof Error ? error.message : String(error));
    }
  }

  /** Refuses to go on where something is wrong. */
  function isInOrder(isMeant?: (fault: Fault) => boolean): boolean {
    const faults = form.showFaults(isMeant);
    const { length } = faults;
    const count = length === 1 ? "One thing is" : `${length} things are`;
    const elsewhere = faults.filter(({ place }) => !form.shows(place));
    const named = elsewhere.map(({ place, problem }) => ` ${place} ${problem}.`).join("");
    setText(summary, length === 0 ? "" : `${count} to be corrected. Nothing was sent.${named}`);
    return length === 0;
  }

  /** Refuses to deploy less than a file asks for, until its mistakes are corrected there or at their fields. */
  function isSettled(): boolean {
    unsettled = unsettled.filter(({ place }) => !form.isTyped(place));
    const named = unsettled.map(({ place, problem }) => ` ${place} ${problem}.`).join("");
    if (named)
      setText(
        summary,
        `The file has mistakes in what the form leaves out. Correct them and choose it again. Nothing was sent.${named}`,
      );
    return named === "";
  }

  /** Carries something out in place of the form; what failed can be tried again. */
  async function carryOut(work: Work): Promise<void> {
    if (current) return;
    const progress = new Progress(work.title);
    current = progress;
    setText(notice, "");
    element.replaceChildren(progress.element);
    onShape();
    progress.focus();
    const start = (action: Action) => begin(action, Number.POSITIVE_INFINITY);
    try {
      await work.run(timelineVm(client, start, form.name, progress.step));
      if (work.isForForm) await load();
      current = undefined;
      work.done(progress);
      if (work.isForForm) return;
    } catch (error) {
      current = undefined;
      // The draft stays one that was under way: a page that is reloaded also fails what it was sending.
      progress.fail(work.failed, error, [
        { label: "Try again", isMain: true, go: () => void carryOut(work) },
        { label: "Back to the form", go: giveUp },
      ]);
    }
    await load();
  }

  function showForm(): void {
    element.replaceChildren(notice, sheet);
    onShape();
    // An empty notice is hidden, and cannot have the focus.
    const first = notice.textContent ? notice : sheet.querySelector<HTMLElement>(".part__title");
    first?.focus();
  }

  function giveUp(): void {
    save();
    showForm();
  }

  function returnWith(text: string): void {
    setText(notice, text);
    showForm();
  }

  function registerHosts(): void {
    if (!isInOrder(({ place }) => /^(hosts|vcenter)\b/.test(place))) return;
    const { wanted } = form.hosts;
    void carryOut({
      title: "Adding the hosts",
      run: (vm) => addHosts(vm, wanted).catch(tellOf(wanted.hosts)),
      failed: "The hosts are not added",
      isForForm: true,
      done: () => returnWith("The hosts are added. Their networks and storage pools can be chosen now."),
    });
  }

  /** Keeps what was said of hosts that are not added; their records do not say it. */
  function tellOf(hosts: readonly { readonly name: string }[]): (error: unknown) => never {
    return (error) => {
      const { reason = "" } = explain(error);
      const names = hosts.map(({ name }) => name);
      const named = names.filter((name) => reason.includes(`"${name}"`));
      if (reason) form.hosts.tell(names.length === 1 ? names : named, reason);
      throw error;
    };
  }

  function checkHosts(): void {
    if (!isInOrder(({ place }) => /\.(host_name|networks.*)$/.test(place))) return;
    const { plan, vswitch } = form;
    void carryOut({
      title: "Checking the network between the hosts",
      run: (vm) => checkNetwork(vm, plan, vswitch),
      failed: "The check failed",
      done: () => returnWith("The hosts reach each other over their internal networks."),
    });
  }

  function removeHost({ id, name }: KnownHost): void {
    const title = `Remove host ${name}`;
    const call = (sender: DeployClient) => sender.submit("DELETE", pathOf("hosts", id));
    begin({ title, chained: true, begin: call, onSuccess: () => void load() }, Number.POSITIVE_INFINITY);
  }

  async function deploy(): Promise<void> {
    const told = setTimeout(() => setText(summary, waiting), patience);
    // What others have done in the meantime counts.
    const isNew = await load();
    clearTimeout(told);
    setText(summary, "");
    if (isNew) return;
    if (!isInOrder() || !isSettled()) return;
    const { plan, name } = form;
    underWay = undefined;
    keepDraft({ plan, isUnderWay: true });
    void carryOut({
      title: `Deploying ${name}`,
      // After a failure Deploy takes back what it made, so that the same plan can be tried again.
      run: (vm) => createCluster(vm, plan, { inhibitRollback: false }),
      failed: `${name} is not deployed`,
      done(progress) {
        dropDraft();
        form.dropPassword();
        file.clear();
        unsettled = [];
        begun = false;
        progress.succeed(`${name} is deployed`, "It is powered on. Its jobs stay in the list.", [
          { label: "Deploy another cluster", go: showForm },
        ]);
      },
    });
  }

  return {
    label: "Deploy cluster",
    element,
    isWide: () => sheet.isConnected,
    shown: () => void load(),
    take([dropped, ...others]) {
      if (current) {
        current.note("The file is not taken: something is being carried out. Drop it when that is over.");
        return;
      }
      showForm();
      if (others.length > 0) file.refuse("These are several files. Drop one plan at a time.");
      else if (dropped) void take(dropped);
    },
  };
}

function part(title: string, lead: string, ...children: HTMLElement[]): HTMLElement {
  const id = uniqueId("part");
  return el(
    "section",
    { class: "part", "aria-labelledby": id },
    el(
      "div",
      { class: "part__head" },
      el("h3", { class: "part__title", id, tabindex: -1 }, title),
      el("p", { class: "part__lead" }, lead),
    ),
    el("div", { class: "part__body" }, ...children),
  );
}

/** Where a plan is dropped or chosen as a file, and what is said of it. */
function planFile(onFile: (file: File) => void) {
  const chooser = el("input", {
    type: "file",
    accept: "application/json,.json",
    class: "drop__file",
    id: uniqueId("file"),
  });
  const told = el("div", { class: "drop__told", role: "status" });
  chooser.addEventListener("change", () => {
    const [chosen] = chooser.files ?? [];
    if (chosen) onFile(chosen);
    // The same file can be chosen again once it has been corrected.
    chooser.value = "";
  });
  const element = el(
    "div",
    { class: "drop" },
    el(
      "p",
      { class: "drop__text" },
      "Drop a plan here, a JSON file such as examples/cluster.json, or ",
      el("label", { class: "drop__label", for: chooser.id }, "choose a file"),
      chooser,
    ),
    told,
  );
  return {
    element,
    show(name: string, faults: readonly Fault[]): void {
      const list = faults.map(({ place, problem }) => el("li", {}, el("code", {}, place), ` ${problem}`));
      const text =
        faults.length === 0
          ? `${name} is filled in below. Type the passwords that it leaves out.`
          : `${name} is filled in below. ${faults.length === 1 ? "One mistake is" : `${faults.length} mistakes are`} in it:`;
      told.replaceChildren(
        el("p", {}, text),
        ...(list.length > 0 ? [el("ul", { class: "drop__faults" }, ...list)] : []),
      );
    },
    refuse(text: string): void {
      told.replaceChildren(el("p", { class: "drop__refusal" }, text));
    },
    clear: () => told.replaceChildren(),
  };
}
