// Trouble by hand: the switches of the simulator's faults, each with what it does.

import { announce } from "./announce.js";
import { el, setText, uniqueId } from "./dom.js";
import { ask, type Fault, type State, setFault } from "./switchboard.js";

interface Words {
  readonly label: string;
  readonly text: (state: State) => string;
}

const words: Readonly<Record<string, Words>> = {
  reboot: {
    label: "Reboot of the VM",
    text: () => "Every connection breaks, and each new one for 8 seconds. Its jobs go on. Ends by itself.",
  },
  deadLine: {
    label: "Dead line",
    text: () => "Nothing arrives any more, and nobody says so: requests hang until the line is repaired.",
  },
  password: {
    label: "Lost password",
    text: ({ account, faults }) =>
      faults.some(({ name, on }) => name === "password" && on)
        ? `Somebody has changed the password; it is ${account.password} now. All else is refused with 401.`
        : "Somebody changes the password: whatever is asked is refused with 401, until the right one is given.",
  },
  busy: {
    label: "Busy Deploy",
    text: () => "Each request is answered 503, with the wish to be asked again in 5 seconds.",
  },
  resets: {
    label: "Broken connections",
    text: () => "What is open breaks off now, and from then on every second request, by chance.",
  },
  proxy: {
    label: "Impatient proxy",
    text: () => "A proxy cuts each poll that takes longer than 5 seconds, with a 504.",
  },
  slow: { label: "Slow server", text: () => "Each answer comes two and a half seconds late." },
};

/** Clicks that are closer together than this, in milliseconds, are one. */
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
  /** Those that the server was asked to switch, and has not yet. */
  readonly #switching = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  readonly #onState: (state: State) => void;

  /** `onSwitched` is called when somebody has switched one on, `onState` with what is on, each time it is learned. */
  constructor(state: State, onSwitched: () => void, onState: (state: State) => void = () => {}) {
    this.#onSwitched = onSwitched;
    this.#onState = onState;
    const blocks = state.faults.flatMap(({ name }) => this.#block(name) ?? []);
    this.element = el(
      "details",
      // Where there is little room, the jobs come first.
      { class: "panel faults", open: matchMedia("(min-width: 861px)").matches },
      this.#title,
      el(
        "p",
        { class: "faults__lead" },
        "This Deploy is a simulator, so it may be harmed. Watch what the page says of it.",
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
      setText(this.#problem, `The switch did not work. ${error instanceof Error ? error.message : ""}`);
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
    // What ends by itself is looked at again when it has ended.
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
