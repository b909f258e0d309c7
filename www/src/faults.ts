// The switches for the simulator's faults, each with its effect.

import { announce } from "./announce.js";
import { el, setText, uniqueId } from "./dom.js";
import { ask, type Fault, type State, setFault } from "./switchboard.js";

interface Words {
  readonly label: string;
  readonly text: (state: State) => string;
}

const words: Readonly<Record<string, Words>> = {
  reboot: {
    label: "VM reboot",
    text: () => "Breaks every connection for 8 seconds, then switches itself off. Jobs continue.",
  },
  deadLine: {
    label: "Dead connection",
    text: () => "No response arrives, and no connection closes. Requests hang until you switch this off.",
  },
  password: {
    label: "Changed password",
    text: ({ account, faults }) =>
      faults.some(({ name, on }) => name === "password" && on)
        ? `The password is now “${account.password}”. Deploy rejects every other one with status 401.`
        : "Changes the password. Deploy rejects every request with status 401 until you enter the new one.",
  },
  busy: {
    label: "Busy Deploy",
    text: () => "Every response has status 503 and asks for a retry after 5 seconds.",
  },
  resets: {
    label: "Connection resets",
    text: () => "Breaks all open requests now. After that, half of the requests fail at random.",
  },
  proxy: {
    label: "Proxy timeout",
    text: () => "A proxy ends each poll after 5 seconds with status 504.",
  },
  slow: { label: "Slow server", text: () => "Every response arrives 2.5 seconds late." },
};

/** Clicks within this time count as one. Milliseconds. */
const again = 300;

interface Switch {
  readonly box: HTMLInputElement;
  readonly hint: HTMLElement;
}

export class Faults {
  readonly element: HTMLDetailsElement;
  readonly #onSwitched: () => void;
  readonly #title = el("summary", { class: "panel__title", id: "faults-title" });
  readonly #problem = el("p", { class: "field__hint", role: "status" });
  readonly #switches = new Map<string, Switch>();
  /** Names of the switches whose request is open. */
  readonly #switching = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  readonly #onState: (state: State) => void;

  /** `onSwitched` is called when a fault was switched on, `onState` with each state that the server sends. */
  constructor(state: State, onSwitched: () => void, onState: (state: State) => void = () => {}) {
    this.#onSwitched = onSwitched;
    this.#onState = onState;
    const blocks = state.faults.flatMap(({ name }) => this.#block(name) ?? []);
    this.element = el(
      "details",
      // On a narrow screen the jobs need the space.
      { class: "panel faults", open: matchMedia("(min-width: 861px)").matches },
      this.#title,
      el(
        "p",
        { class: "faults__lead" },
        "This Deploy is a simulator. Switch on a fault and watch how the page reports it.",
      ),
      el("div", { class: "faults__list" }, ...blocks),
      this.#problem,
    );
    this.#show(state);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #block(name: string): HTMLElement | undefined {
    const known = words[name];
    if (!known) return undefined;
    const id = uniqueId("fault");
    const hint = el("span", { class: "fault__text", id: `${id}-hint` });
    const box = el("input", {
      type: "checkbox",
      role: "switch",
      class: "fault__box",
      id,
      "aria-describedby": `${id}-hint`,
    });
    let switchedAt = Number.NEGATIVE_INFINITY;
    box.addEventListener("click", (event) => {
      const at = performance.now();
      const repeated = event.detail > 1 || at - switchedAt < again || this.#switching.has(name);
      // A double click switches once.
      if (repeated) event.preventDefault();
      else switchedAt = at;
    });
    box.addEventListener("change", () => void this.#set(name, box.checked));
    this.#switches.set(name, { box, hint });
    return el(
      "div",
      { class: "fault" },
      box,
      el("label", { class: "fault__label", for: id }, known.label),
      hint,
    );
  }

  async #set(name: string, on: boolean): Promise<void> {
    this.#switching.add(name);
    try {
      this.#show(await setFault(name, on));
      setText(this.#problem, "");
      announce(`${words[name]?.label}: ${on ? "on" : "off"}`);
      if (on) this.#onSwitched();
    } catch (error) {
      setText(this.#problem, `Could not switch the fault. ${error instanceof Error ? error.message : ""}`);
      this.#ask();
    } finally {
      this.#switching.delete(name);
    }
  }

  #show(state: State): void {
    if (this.#closed) return;
    this.#onState(state);
    for (const fault of state.faults) this.#showOne(fault, state);
    const on = state.faults.filter((fault) => fault.on).length;
    setText(this.#title, on === 0 ? "Faults" : `Faults (${on} on)`);
    this.element.classList.toggle("faults--on", on > 0);
    // A fault that ends automatically: read the state again afterwards.
    const left = Math.max(0, ...state.faults.map(({ leftMs }) => leftMs ?? 0));
    clearTimeout(this.#timer);
    if (left > 0) this.#timer = setTimeout(() => this.#ask(), Math.min(left + 50, 1_000));
  }

  #showOne({ name, on, leftMs }: Fault, state: State): void {
    const shown = this.#switches.get(name);
    if (!shown) return;
    shown.box.checked = on;
    const text = words[name]?.text(state) ?? "";
    setText(shown.hint, leftMs ? `${text} Back in ${Math.ceil(leftMs / 1_000)} s.` : text);
  }

  #ask(): void {
    ask().then(
      (state) => this.#show(state),
      () => {},
    );
  }
}
