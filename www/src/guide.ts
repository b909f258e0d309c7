// The guided first minute: a strip at the foot of the page with one step at a time, for a Deploy that is a
// simulator. Each step ends by itself when what it asks for has been done. Once left it comes back when the
// log-in page is asked for it.

import { button, el, setText } from "./dom.js";
import type { Account } from "./switchboard.js";
import type { Action } from "./watch.js";

/** What a step waits for: an action by its kind, a deploy once it begins and others once they are done. */
export type Milestone = "in" | "fault" | NonNullable<Action["kind"]>;

/** What texts depend on. */
interface Now {
  readonly account: Account;
  /** A job is under way. */
  readonly isBusy: boolean;
}

interface Step {
  readonly text: (now: Now) => string;
  readonly until?: Milestone;
  /** Where it is done, as a selector, and what the button that leads there is called. */
  readonly at: string;
  /** The choice that shows the place, where it is not there yet. */
  readonly choice?: string;
  readonly lead: string;
}

const steps: readonly Step[] = [
  {
    text: ({ account: { username, password } }) =>
      `This Deploy is a simulator. Log in as “${username}” with the password “${password}”.`,
    until: "in",
    at: "form",
    lead: "Fill it in",
  },
  {
    text: () =>
      "A cluster needs hosts. Choose “Deploy cluster”: two behind a vCenter are filled in. Press “Add these hosts now”, and see a job for the login and one for the hosts.",
    until: "host",
    at: "#start-deploy-cluster",
    lead: "Go there",
  },
  {
    text: () =>
      "Once the hosts are added, their networks and storage pools are known, and a cluster of two nodes is filled in. Press the blue button “Deploy cluster” at the end of the form.",
    until: "deploy",
    at: "#deploy-submit",
    choice: "#start-deploy-cluster",
    lead: "Go there",
  },
  {
    text: ({ isBusy }) =>
      isBusy
        ? "The job is followed. Now harm the line while it is under way: under “Faults”, switch on “Reboot of the VM”."
        : "No job is under way, so a fault would show little. Start one first, by “Start 50” for example. Then, under “Faults”, switch on “Reboot of the VM”.",
    until: "fault",
    at: "#faults-title",
    lead: "Go there",
  },
  {
    text: ({ isBusy }) =>
      `The line at the top says what is known of Deploy. ${isBusy ? "What is under way goes on in Deploy, and is found again. Once it is done, choose" : "Nothing is under way. Choose"} “Manage cluster” and power the cluster off.`,
    until: "off",
    at: "#start-manage-cluster",
    lead: "Go there",
  },
  {
    text: () => "Now delete it: press “Delete…” and type its name.",
    until: "delete",
    at: "#start-manage-cluster",
    lead: "Go there",
  },
  {
    text: () => "That is a cluster’s whole life, each of its jobs on the timeline. Next, try “Start 50”.",
    at: "#start-start-50",
    lead: "Go there",
  },
];

const key = "guide";
const over = "over";

export class Guide {
  readonly element: HTMLElement;
  /** Puts the account into the log-in form, while there is one. */
  fillIn: ((account: Account) => void) | undefined;
  /** Called when it is left. */
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
    // A page that is reloaded shows its login page again.
    this.#step = stored === over ? steps.length : 0;
    this.#show();
  }

  /** The account is another one now. */
  know(account: Account): void {
    this.#now = { ...this.#now, account };
    this.#show();
  }

  /** Whether a job is under way has to be known, since a fault is seen by what it does to one. */
  see(isBusy: boolean): void {
    if (isBusy === this.#now.isBusy) return;
    this.#now = { ...this.#now, isBusy };
    this.#show();
  }

  get isOver(): boolean {
    return this.#step >= steps.length;
  }

  /** Begins anew. */
  restart(): void {
    this.#step = 0;
    remember("0");
    this.#show();
    this.#lead.focus();
  }

  /** Something was done, by the guide's advice or without it: steps up to it are over. */
  reached(milestone: Milestone): void {
    const index = steps.findIndex(({ until }) => until === milestone);
    if (this.#step > index) return;
    const stored = Number(remembered());
    this.#step = milestone === "in" ? Math.max(1, stored || 0) : index + 1;
    remember(String(this.#step));
    this.#show();
  }

  /** For a Deploy that is none to be tried out. */
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
    // A form that is to be chosen first.
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
    // Where nothing may be stored, the guide begins anew with each visit.
  }
}
