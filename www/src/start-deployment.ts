// The “Deploy cluster” form: fills in a plan by hand or from a file, checks it and runs it.

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

/** Milliseconds without a response after which the form says that it is waiting. */
const patience = 1_000;
const waiting =
  "Waiting for Deploy to list its hosts and clusters. The line at the top shows why. Nothing was sent yet.";
const checking = "Checking the plan against Deploy. Nothing was sent yet.";

/** Runs a workflow with the console's client. */
type Run = (client: WorkflowClient, options: WorkflowOptions) => Promise<unknown>;

/** Work that needs several calls. */
interface Work {
  readonly title: string;
  /** The steps from a check. */
  readonly planned?: readonly Step[];
  readonly run: Run;
  /** The title after a failure. */
  readonly failed: string;
  /** Called when the user stops it; returns the notice. */
  readonly leave: () => string;
  readonly done: (progress: Progress) => void;
  /** Deploy's objects are read before `done`, because the form shows them. */
  readonly isForForm?: boolean;
}

interface Deployment extends Kind {
  /** Takes files that the user dropped on the page. */
  take(files: readonly File[]): void;
}

/**
 * `onShape` is called when the steps replace the form or the form returns, `onHosts` when Deploy has hosts for a
 * cluster.
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
  /** The status of a check. */
  const under = el("p", { class: "deployment__notice", role: "status" });
  const file = planFile((chosen) => void take(chosen));
  const register = button("Add these hosts", "button", () => void registerHosts());
  const rehearsal = button("Check plan", "button", () => void deploy(true));
  const check = button("Check network", "button", checkHosts);
  const submit = el(
    "button",
    { type: "submit", class: "button button--main", id: "deploy-submit" },
    "Deploy cluster",
  );
  const sheet = el(
    "form",
    { class: "deployment__form", novalidate: true },
    file.element,
    part("Hosts", "The hosts that run the nodes.", form.hosts.element, register),
    part("Cluster", "Its name, version and addresses.", form.cluster),
    part("Nodes", "Host, networks and storage of each node.", form.nodes),
    under,
    summary,
    el(
      "div",
      { class: "deployment__foot" },
      submit,
      rehearsal,
      check,
      button("Download plan", "button", () => download(form.plan)),
    ),
  );
  const equipment = new Map<string, Equipment>();
  /** Errors of the file in values that the form does not show. */
  let unsettled: readonly Mistake[] = [];
  let clusters: readonly KnownCluster[] = [];
  let begun = false;
  /** A check is running. */
  let isChecking = false;
  /** The work in progress. */
  let current: Progress | undefined;
  /** The last read from Deploy failed. */
  let isCut = false;
  /** The name of a cluster whose deploy was interrupted by a reload or by the user. */
  let underWay: string | undefined;
  element.append(notice, sheet);
  for (const [name, reason] of keptDraft()?.failures ?? []) form.hosts.tell([name], reason);

  const rearm = onSubmit(sheet, () => deploy(false));
  sheet.addEventListener("input", () => setText(summary, ""));

  function save(): void {
    // Typing a value, such as the password, does not end an interrupted deploy.
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

  /** Reads Deploy's objects and each host's networks and pools. Returns whether it filled in the form again. */
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
      setText(
        notice,
        `${inShort(error)} The form can offer hosts, networks and storage pools once Deploy responds.`,
      );
    }
    show();
    return isNew;
  }

  function clusterOf(name: string): KnownCluster | undefined {
    return clusters.find((cluster) => cluster.name === name);
  }

  /** Fills in the form with the values from before a reload, or with proposals. */
  function start(): void {
    begun = true;
    const draft = keptDraft();
    const name = draft?.plan.cluster.name ?? "";
    const cluster = clusterOf(name);
    underWay = undefined;
    if (!draft || cluster?.isDeployed) {
      dropDraft();
      form.propose();
      if (draft?.isUnderWay) setText(notice, `The deploy of ${name} has finished: it is deployed.`);
      return;
    }
    form.fill(draft.plan, false);
    form.proposeHosts();
    if (draft.isUnderWay) {
      underWay = name;
      setText(
        notice,
        cluster?.isBusy
          ? `${name} is being deployed: its job is in the list. To follow it here, enter the passwords and press “Deploy cluster”. The running job is not started twice.`
          : "The page was reloaded while this plan was running. Passwords are not stored. To continue, enter them again and press “Deploy cluster”. Existing objects are kept.",
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

  /** Checks the form and shows its errors. Returns whether there are none. */
  function isInOrder(isMeant?: (fault: Mistake) => boolean): boolean {
    form.forget();
    const faults = form.showFaults(isMeant);
    tell(faults);
    return faults.length === 0;
  }

  /** Shows the number of errors, and those that have no field. */
  function tell(faults: readonly Mistake[]): void {
    const { length } = faults;
    const count = length === 1 ? "1 error" : `${length} errors`;
    const elsewhere = faults.filter(({ place }) => !form.shows(place));
    const named = elsewhere.map(({ place, problem }) => ` ${place} ${problem}.`).join("");
    setText(summary, length === 0 ? "" : `${count} to correct. Nothing was sent.${named}`);
  }

  /** Whether the errors of the file's hidden values are corrected. Otherwise a deploy would leave them out. */
  function isSettled(): boolean {
    unsettled = unsettled.filter(({ place }) => !form.isTyped(place));
    const named = unsettled.map(({ place, problem }) => ` ${place} ${problem}.`).join("");
    if (named)
      setText(
        summary,
        `The file has errors in values that this form does not show. Correct the file and choose it again. Nothing was sent.${named}`,
      );
    return named === "";
  }

  /** Runs a workflow with `dryRun`: shows what Deploy would reject, or returns the steps. */
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
        setText(summary, "The plan changed during the check. Check it again. Nothing was sent.");
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

  /** Runs the work and shows its steps in place of the form. The user can retry after a failure. */
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
      // The draft stays marked as interrupted, because a reload also makes an open request fail.
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
    // An empty notice is hidden and cannot have the focus.
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
      title: "Adding hosts",
      planned,
      run: (tracked, options) => addHosts(tracked, plan, options).catch(keepReason(hosts)),
      failed: "Adding the hosts did not finish",
      leave: () => "Stopped. Jobs that have started continue in Deploy.",
      isForForm: true,
      done: () => returnWith("The hosts are added. You can now choose their networks and storage pools."),
    });
  }

  /** Stores why hosts were not added, because their records do not say it. */
  function keepReason(hosts: readonly { readonly name: string }[]): (error: unknown) => never {
    return (error) => {
      // An abort says nothing about a host.
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
      failed: "The network check failed",
      leave: () => "Stopped. The check continues in Deploy.",
      done: () => returnWith("The hosts can reach each other over their internal networks."),
    });
  }

  function removeHost({ id, name }: KnownHost): void {
    const title = `Remove host ${name}`;
    const call = (sender: DeployClient) => sender.submit("DELETE", pathOf("hosts", id));
    begin({ title, chained: true, begin: call, onSuccess: () => void load() }, Number.POSITIVE_INFINITY);
  }

  /** `isOnlyChecked`: shows the steps of a deploy and sends nothing. */
  async function deploy(isOnlyChecked: boolean): Promise<void> {
    if (isChecking) return;
    const told = setTimeout(() => setText(summary, waiting), patience);
    // Other users may have changed something.
    const isNew = await load();
    clearTimeout(told);
    setText(summary, "");
    if (isNew) return;
    if (!isInOrder() || !isSettled()) return;
    const { plan, name } = form;
    // An interrupted deploy was checked before, and has already used its capacity.
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

  /** Shows the steps of a deploy. */
  function showCheck(name: string, plan: ClusterPlan, planned: readonly Step[], isOtherwise: boolean): void {
    const progress = new Progress("", planned);
    element.replaceChildren(progress.element);
    onShape();
    const text = isOtherwise
      ? "Deploy’s settings differ from the plan. If the cluster is not deployed yet, the deploy changes them."
      : "The plan can be deployed. Nothing was sent yet.";
    progress.succeed(`Steps to deploy ${name}`, text, [
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
      failed: `The deploy of ${name} did not finish`,
      leave() {
        underWay = name;
        return `Stopped. A running job continues in Deploy. To continue with ${name}, press “Deploy cluster” again.`;
      },
      done(progress) {
        dropDraft();
        form.dropPassword();
        file.clear();
        unsettled = [];
        begun = false;
        progress.succeed(`${name} is deployed`, "The cluster is powered on. Its jobs stay in the list.", [
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
        current.note("The file was ignored because work is in progress. Drop it again afterwards.");
        return;
      }
      showForm();
      if (others.length > 0) file.refuse("Drop only one plan at a time.");
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
