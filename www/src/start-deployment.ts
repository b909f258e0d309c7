// Deploys a cluster: the form, the file in place of typing, and the plan that is carried out.

import { type DeployClient, DeployError } from "ontap-select-deploy";
import type { ClusterPlan } from "ontap-select-deploy/api";
import { dropDraft, keepDraft, keptDraft } from "./deployment/draft.js";
import { planFile } from "./deployment/drop.js";
import {
  type Equipment,
  type KnownCluster,
  type KnownHost,
  readEquipment,
  readFacts,
} from "./deployment/facts.js";
import { download, readPlan } from "./deployment/file.js";
import { DeploymentForm } from "./deployment/form.js";
import { Progress } from "./deployment/progress.js";
import {
  addHosts,
  createCluster,
  type Mistake,
  PlanError,
  type Step,
  type WorkflowClient,
  type WorkflowOptions,
  workflowClient,
} from "./deployment/workflow.js";
import { button, el, setText, uniqueId } from "./dom.js";
import { inShort } from "./explain.js";
import type { Begin, Kind } from "./kind.js";
import { pathOf } from "./objects.js";
import { onSubmit } from "./once.js";
import type { Action } from "./watch.js";

/** After so many milliseconds without an answer the form says that it waits. */
const patience = 1_000;
const waiting =
  "Waiting for Deploy to say what it has. The line above the jobs says why. Nothing was sent yet.";
const checking = "Checking the plan against what Deploy has. Nothing was sent yet.";

/** What runs a workflow, with the console's client for it. */
type Run = (client: WorkflowClient, options: WorkflowOptions) => Promise<unknown>;

/** Something that takes several calls. */
interface Work {
  readonly title: string;
  /** What a check has said of its steps. */
  readonly planned?: readonly Step[];
  readonly run: Run;
  /** What is said when it failed. */
  readonly failed: string;
  /** Called when somebody waits no longer; gives what is said then. */
  readonly leave: () => string;
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
  /** What is read before anything is sent. */
  const under = el("p", { class: "deployment__notice", role: "status" });
  const file = planFile((chosen) => void take(chosen));
  const register = button("Add these hosts now", "button", () => void registerHosts());
  const rehearsal = button("Check the plan", "button", () => void deploy(true));
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
    under,
    summary,
    el(
      "div",
      { class: "deployment__foot" },
      submit,
      rehearsal,
      check,
      button("Download the plan", "button", () => download(form.plan)),
    ),
  );
  const equipment = new Map<string, Equipment>();
  /** Mistakes of the file in what the form does not show. */
  let unsettled: readonly Mistake[] = [];
  let clusters: readonly KnownCluster[] = [];
  let begun = false;
  /** The plan is being checked against what Deploy has. */
  let isChecking = false;
  /** What is being carried out. */
  let current: Progress | undefined;
  /** What Deploy has could not be read. */
  let isCut = false;
  /** The name of a cluster whose deploy was under way when the page was reloaded, or somebody stopped waiting. */
  let underWay: string | undefined;
  element.append(notice, sheet);
  for (const [name, reason] of keptDraft()?.failures ?? []) form.hosts.tell([name], reason);

  const rearm = onSubmit(sheet, () => deploy(false));
  sheet.addEventListener("input", () => setText(summary, ""));

  function save(): void {
    // What is typed for a cluster that is under way, such as its password, does not end that.
    const isUnderWay = underWay !== undefined && underWay === form.name;
    if (!isUnderWay) setText(notice, "");
    show();
    keep(isUnderWay);
  }

  function keep(isUnderWay: boolean): void {
    keepDraft({ plan: form.plan, isUnderWay, failures: form.hosts.failures });
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
      clusters = facts.clusters;
      isNew = !begun || (underWay !== undefined && clusterOf(underWay)?.isDeployed === true);
      if (isNew) start();
    } catch (error) {
      isCut = true;
      setText(notice, `${inShort(error)} What Deploy has is not known, so nothing can be chosen yet.`);
    }
    show();
    return isNew;
  }

  function clusterOf(name: string): KnownCluster | undefined {
    return clusters.find((cluster) => cluster.name === name);
  }

  /** Fills the form: with what was there before a reload, or with proposals. */
  function start(): void {
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
    form.proposeHosts();
    if (draft.isUnderWay) {
      underWay = name;
      setText(
        notice,
        cluster?.isBusy
          ? `${name} is being deployed: its job is in the list. Type the passwords and deploy it again to follow it here; what runs is found, and not started twice.`
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
  function isInOrder(isMeant?: (fault: Mistake) => boolean): boolean {
    form.forget();
    const faults = form.showFaults(isMeant);
    tell(faults);
    return faults.length === 0;
  }

  /** Says how many there are, and names those that have no field. */
  function tell(faults: readonly Mistake[]): void {
    const { length } = faults;
    const count = length === 1 ? "One thing is" : `${length} things are`;
    const elsewhere = faults.filter(({ place }) => !form.shows(place));
    const named = elsewhere.map(({ place, problem }) => ` ${place} ${problem}.`).join("");
    setText(summary, length === 0 ? "" : `${count} to be corrected. Nothing was sent.${named}`);
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

  /** Runs a workflow dry: says what Deploy would stumble over, or gives the steps. */
  async function rehearse(
    run: (client: WorkflowClient, options: WorkflowOptions) => Promise<readonly Step[]>,
  ): Promise<readonly Step[] | undefined> {
    const plan = JSON.stringify(form.plan);
    isChecking = true;
    setText(under, checking);
    try {
      return await run(
        workflowClient(client, () => {}, subject()),
        { dryRun: true },
      );
    } catch (error) {
      const isSame = plan === JSON.stringify(form.plan);
      if (error instanceof PlanError && isSame) tell(form.find(error.mistakes));
      else if (error instanceof PlanError)
        setText(summary, "The plan was changed while it was checked. Nothing was sent.");
      else setText(summary, `${inShort(error)} Nothing was sent.`);
      return undefined;
    } finally {
      isChecking = false;
      setText(under, "");
    }
  }

  function subject() {
    return { cluster: form.name, doing: { name: "deploy", targets: [form.name] } };
  }

  /** Carries something out in place of the form; what failed can be tried again. */
  async function carryOut(work: Work): Promise<void> {
    if (current) return;
    const leaving = new AbortController();
    const { signal } = leaving;
    const progress = new Progress(work.title, work.planned ?? [], () => leaving.abort());
    current = progress;
    setText(notice, "");
    element.replaceChildren(progress.element);
    onShape();
    progress.focus();
    const start = (action: Action) => begin(action, Number.POSITIVE_INFINITY);
    try {
      const options = { signal, onStep: progress.done };
      await work.run(workflowClient(client, start, subject(), progress), options);
      if (work.isForForm) await load();
      current = undefined;
      work.done(progress);
      if (work.isForForm) return;
    } catch (error) {
      current = undefined;
      if (signal.aborted && error === signal.reason) {
        const told = work.leave();
        save();
        returnWith(told);
        return;
      }
      // The draft stays one that was under way: a page that is reloaded also fails what it was sending.
      progress.fail(work.failed, error, [
        { label: "Try again", isMain: true, go: () => void carryOut(work) },
        {
          label: "Back to the form",
          go() {
            giveUp();
            if (error instanceof PlanError) tell(form.find(error.mistakes));
          },
        },
      ]);
    }
    await load();
  }

  function showForm(): void {
    element.replaceChildren(notice, sheet);
    rearm();
    onShape();
    // An empty notice is hidden, and cannot have the focus.
    const first = notice.textContent ? notice : sheet.querySelector<HTMLElement>(".part__title");
    first?.focus();
  }

  function giveUp(): void {
    form.proposeHosts();
    save();
    showForm();
  }

  function returnWith(text: string): void {
    setText(notice, text);
    showForm();
  }

  async function registerHosts(): Promise<void> {
    if (isChecking || !isInOrder(({ place }) => /^(hosts|vcenter)\b/.test(place))) return;
    const { plan } = form;
    const { hosts } = form.hosts.wanted;
    const planned = await rehearse((tracked, options) => addHosts(tracked, plan, options));
    if (!planned) return;
    void carryOut({
      title: "Adding the hosts",
      planned,
      run: (tracked, options) => addHosts(tracked, plan, options).catch(keepReason(hosts)),
      failed: "The hosts are not added",
      leave: () => "The hosts are not waited for any longer. What Deploy has begun goes on.",
      isForForm: true,
      done: () => returnWith("The hosts are added. Their networks and storage pools can be chosen now."),
    });
  }

  /** Keeps what was said of hosts that are not added; their records do not say it. */
  function keepReason(hosts: readonly { readonly name: string }[]): (error: unknown) => never {
    return (error) => {
      // Somebody who stops waiting learns nothing of a host.
      const reason = error instanceof DeployError ? error.message : "";
      const names = hosts.map(({ name }) => name);
      const named = names.filter((name) => reason.includes(`"${name}"`));
      if (reason) form.hosts.tell(names.length === 1 ? names : named, reason);
      keep(false);
      throw error;
    };
  }

  function checkHosts(): void {
    if (!isInOrder(({ place }) => /\.(host_name|networks.*)$/.test(place))) return;
    const { plan, vswitch } = form;
    const body = {
      mode: "quick",
      mtu: plan.cluster.mtu ?? 9000,
      vswitch_type: vswitch,
      debug: false,
      host_networks: plan.nodes.map(({ host_name, networks }) => ({
        host_name,
        network_name: networks.find(({ purpose }) => purpose === "internal")?.name,
      })),
    };
    void carryOut({
      title: "Checking the network between the hosts",
      run: (tracked, { signal = null }) =>
        tracked.request("POST", "/network/connectivitychecks", { body, signal }),
      failed: "The check failed",
      leave: () => "The check is not waited for any longer. It goes on.",
      done: () => returnWith("The hosts reach each other over their internal networks."),
    });
  }

  function removeHost({ id, name }: KnownHost): void {
    const title = `Remove host ${name}`;
    const call = (sender: DeployClient) => sender.submit("DELETE", pathOf("hosts", id));
    begin({ title, chained: true, begin: call, onSuccess: () => void load() }, Number.POSITIVE_INFINITY);
  }

  /** `isOnlyChecked`: what a deploy would do is shown, and nothing is sent. */
  async function deploy(isOnlyChecked: boolean): Promise<void> {
    if (isChecking) return;
    const told = setTimeout(() => setText(summary, waiting), patience);
    // What others have done in the meantime counts.
    const isNew = await load();
    clearTimeout(told);
    setText(summary, "");
    if (isNew) return;
    if (!isInOrder() || !isSettled()) return;
    const { plan, name } = form;
    // One that was begun was checked before, and its deploy has taken its room by now.
    const isBegun = underWay === name || clusterOf(name)?.isBusy === true;
    if (isBegun && !isOnlyChecked) return carryOutPlan(name, plan, []);
    const planned = await rehearse(
      async (tracked, options) => (await createCluster(tracked, plan, options)).steps,
    );
    if (!planned) return;
    const isOtherwise = planned.some(({ differs = [] }) => differs.length > 0);
    if (isOnlyChecked || isOtherwise) showCheck(name, plan, planned, isOtherwise);
    else carryOutPlan(name, plan, planned);
  }

  /** What a deploy would find, and what it would do. */
  function showCheck(name: string, plan: ClusterPlan, planned: readonly Step[], isOtherwise: boolean): void {
    const progress = new Progress("", planned);
    element.replaceChildren(progress.element);
    onShape();
    const text = isOtherwise
      ? "Deploy has something otherwise than the plan. Where the cluster is not deployed yet, the deploy changes it."
      : "Nothing is in its way. Nothing was sent yet.";
    progress.succeed(`What a deploy of ${name} would do`, text, [
      { label: `Deploy ${name}`, isMain: true, go: () => carryOutPlan(name, plan, planned) },
      { label: "Back to the form", go: giveUp },
    ]);
    progress.focus();
  }

  function carryOutPlan(name: string, plan: ClusterPlan, planned: readonly Step[]): void {
    underWay = undefined;
    keep(true);
    void carryOut({
      title: `Deploying ${name}`,
      planned,
      run: (tracked, options) => createCluster(tracked, plan, options),
      failed: `${name} is not deployed`,
      leave() {
        underWay = name;
        return `${name} is not waited for any longer. A job that runs goes on; deploy the same plan again to follow it.`;
      },
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
