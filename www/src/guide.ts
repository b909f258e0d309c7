// The guide for a simulated Deploy: one step at a time at the bottom of the page. A step ends when the user has done
// it. After “Skip the guide”, the login page can show it again.

import { button, el, setText } from "./dom.js";
import type { Account } from "./switchboard.js";
import type { Action } from "./watch.js";

/** Ends a step: an action of this kind. A deploy counts when it begins, others when they succeed. */
export type Milestone = "in" | "fault" | NonNullable<Action["kind"]>;

/** What the steps' text depends on. */
interface Now {
  readonly account: Account;
  /** A job is in progress. */
  readonly isBusy: boolean;
}

interface Step {
  readonly text: (now: Now) => string;
  readonly until?: Milestone;
  /** Selector of the place where the user does it. */
  readonly at: string;
  /** Selector of the choice that shows the place. */
  readonly choice?: string;
  /** Label of the button that leads to the place. */
  readonly lead: string;
}

const steps: readonly Step[] = [
  {
    text: ({ account: { username, password } }) =>
      `This Deploy is a simulator. Log in as “${username}” with the password “${password}”.`,
    until: "in",
    at: "form",
    lead: "Fill in",
  },
  {
    text: () =>
      "A cluster needs hosts. Choose “Deploy cluster”: the form lists two hosts of a vCenter. Press “Add these hosts” and watch two jobs: one adds the login, the other the hosts.",
    until: "host",
    at: "#start-deploy-cluster",
    lead: "Show me",
  },
  {
    text: () =>
      "After the hosts are added, the form offers their networks and storage pools and describes a two-node cluster. Press the blue button “Deploy cluster” at the end of the form.",
    until: "deploy",
    at: "#deploy-submit",
    choice: "#start-deploy-cluster",
    lead: "Show me",
  },
  {
    text: ({ isBusy }) =>
      isBusy
        ? "The console is following the job. Now break the connection: under “Faults”, switch on “VM reboot”."
        : "No job is running, so a fault would have little effect. Start a job first, for example with “Add 50 hosts”. Then, under “Faults”, switch on “VM reboot”.",
    until: "fault",
    at: "#faults-title",
    lead: "Show me",
  },
  {
    text: ({ isBusy }) =>
      `The line at the top shows the connection to Deploy. ${isBusy ? "The job continues in Deploy, and the console follows it again after the reboot. When it has finished, choose" : "No job is running. Choose"} “Manage cluster” and power off the cluster.`,
    until: "off",
    at: "#start-manage-cluster",
    lead: "Show me",
  },
  {
    text: () => "Now delete the cluster: press “Delete…” and type its name.",
    until: "delete",
    at: "#start-manage-cluster",
    lead: "Show me",
  },
  {
    text: () => "Done: the timeline shows every job of this cluster. Next, try “Add 50 hosts”.",
    at: "#start-add-50-hosts",
    lead: "Show me",
  },
];

const key = "guide";
const over = "over";

export class Guide {
  readonly element: HTMLElement;
  /** Fills the account into the login form. */
  fillIn: ((account: Account) => void) | undefined;
  /** Called when the user ends the guide. */
  onOver: (() => void) | undefined;
  #now: Now;
  readonly #count = el("span", { class: "guide__count" });
  readonly #text = el("span", {});
  readonly #lead: HTMLButtonElement;
  readonly #leave: HTMLButtonElement;
  #step: number;

  constructor(account: Account) {
    this.#now = { account, isBusy: false };
    this.#lead = button("", "button button--small", () => this.#goThere());
    this.#leave = button("", "button button--small", () => this.#end());
    this.element = el(
      "aside",
      { class: "guide", "aria-label": "First steps" },
      el("p", { class: "guide__text", role: "status" }, this.#count, " ", this.#text),
      el("div", { class: "guide__buttons" }, this.#lead, this.#leave),
    );
    const stored = remembered();
    // After a reload the login comes first again.
    this.#step = stored === over ? steps.length : 0;
    this.#show();
  }

  /** The account has changed. */
  know(account: Account): void {
    this.#now = { ...this.#now, account };
    this.#show();
  }

  /** Whether a job is in progress: a fault shows its effect only on a job. */
  see(isBusy: boolean): void {
    if (isBusy === this.#now.isBusy) return;
    this.#now = { ...this.#now, isBusy };
    this.#show();
  }

  get isOver(): boolean {
    return this.#step >= steps.length;
  }

  /** Starts again at the first step. */
  restart(): void {
    this.#step = 0;
    remember("0");
    this.#show();
    this.#lead.focus();
  }

  /** The user reached a milestone: ends the steps up to it. */
  reached(milestone: Milestone): void {
    const index = steps.findIndex(({ until }) => until === milestone);
    if (this.#step > index) return;
    const stored = Number(remembered());
    this.#step = milestone === "in" ? Math.max(1, stored || 0) : index + 1;
    remember(String(this.#step));
    this.#show();
  }

  /** For a real Deploy. */
  hide(): void {
    this.element.hidden = true;
  }

  #show(): void {
    const step = steps[this.#step];
    this.element.hidden = step === undefined;
    document.documentElement.classList.toggle("guided", step !== undefined);
    if (!step) return;
    setText(this.#count, `${this.#step + 1} of ${steps.length}`);
    setText(this.#text, step.text(this.#now));
    setText(this.#lead, step.lead);
    setText(this.#leave, step.until ? "Skip the guide" : "Done");
  }

  #goThere(): void {
    const { at = "", choice = at, until } = steps[this.#step] ?? {};
    if (until === "in") {
      this.fillIn?.(this.#now.account);
      return;
    }
    const find = (selector: string) => document.querySelector<HTMLElement>(selector);
    if (!find(at)) find(choice)?.click();
    const place = find(at) ?? find(choice);
    if (!place) return;
    // A form that the user must choose first.
    if (place instanceof HTMLInputElement && !place.checked) place.click();
    if (place.parentElement instanceof HTMLDetailsElement) place.parentElement.open = true;
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block: "start" });
  }

  #end(): void {
    this.#step = steps.length;
    remember(over);
    this.#show();
    this.onOver?.();
    document.querySelector<HTMLElement>("h1")?.focus();
  }
}

function remembered(): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

function remember(step: string): void {
  try {
    localStorage.setItem(key, step);
  } catch {
    // Without storage, the guide starts again with each visit.
  }
}
