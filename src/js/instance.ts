// Loads the wasm and contains its failures. After a panic, an instance cannot be trusted. So every export is guarded.
// The first abnormal end marks the instance as dead and rejects all pending promises, and later timers and promises do
// not enter it. The next use creates a new instance.

import { type Client, createGlue, type Exports } from "../../target/embed/glue.js";
import { clearTimeout, setTimeout } from "./clock.js";
import { type DeployError, makeError } from "./errors.js";
import { engineModule } from "./module.js";
import type { ClientSettings } from "./options.js";
import { Waiters } from "./waiters.js";

/** A client inside an instance, and its waiters. */
export interface Binding {
  readonly instance: Instance;
  readonly client: Client;
  readonly waiters: Waiters;
}

type Called = Extract<keyof Exports, `${"client" | "job"}_${string}`>;

/**
 * Whether the caller of an export catches its errors. Events do not. Timers, promises and the garbage collector, which
 * call all other exports, do not either.
 */
const IS_CAUGHT: Record<Called, boolean> = {
  client_new: true,
  client_call: true,
  client_job: true,
  client_resume: true,
  client_checkTimeout: true,
  client_run: true,
  client_stats: true,
  client_close: true,
  client_notShared: false,
  client_recordChecked: false,
  client_abort: false,
  client_offline: false,
  client_resumed: false,
  client_peerMessage: false,
  client_leaderChanged: false,
  client_multiplexed: false,
  job_id: true,
  job_latest: true,
  job_serialize: true,
  job_wait: true,
  job_pollOnce: true,
};

type Entry = (...args: unknown[]) => unknown;

/** One wasm instance. */
export class Instance {
  dead: DeployError | undefined;
  readonly #glue = createGlue({ setTimeout, clearTimeout });
  /** The waiters with pending promises. */
  readonly #pending = new Set<Waiters>();

  constructor() {
    const { exports } = instantiate(this.#glue);
    const guarded = Object.fromEntries(
      Object.entries(exports).map(([name, value]) => [
        name,
        typeof value === "function" ? this.#guard(name, value as Entry) : value,
      ]),
    ) as Exports;
    this.#glue.__wbg_set_wasm(guarded);
    guarded.__wbindgen_start();
  }

  client(settings: ClientSettings): Binding {
    const waiters = new Waiters(this.#pending, settings);
    return { instance: this, client: new this.#glue.Client(settings, waiters), waiters };
  }

  #guard(name: string, entry: Entry): Entry {
    const isCaught = (IS_CAUGHT as Record<string, boolean>)[name];
    return (...args) => {
      if (!this.dead) {
        try {
          return entry(...args);
        } catch (cause) {
          this.#die(cause);
        }
      }
      if (isCaught) throw this.dead;
      // The bindings expect an array in which they look for an error.
      return [];
    };
  }

  #die(cause: unknown): void {
    const message = "internal error in ontap-select-deploy; the outcome of the running calls is unknown";
    const error = makeError({ code: "INTERNAL", message }, undefined, cause);
    this.dead = error;
    for (const waiters of this.#pending) waiters.failAll(error);
    this.#pending.clear();
  }
}

/** @throws DeployError if the runtime has no WebAssembly or rejects it. */
function instantiate(glue: WebAssembly.ModuleImports): WebAssembly.Instance {
  let cause: unknown;
  if (typeof WebAssembly === "object") {
    try {
      // wasm-opt named the import module "a".
      return new WebAssembly.Instance(engineModule(), { a: glue });
    } catch (error) {
      const isRefused = error instanceof WebAssembly.CompileError || error instanceof RangeError;
      if (!isRefused) throw error;
      cause = error;
    }
  }
  const message = cause
    ? "this runtime refused to compile WebAssembly. Allow 'wasm-unsafe-eval' in the Content-Security-Policy, or use at " +
      "least Chromium 114, Firefox 115 or Safari 16.4"
    : "this runtime has no WebAssembly. Safari's Lockdown Mode, Edge's enhanced security mode and node --jitless turn it off";
  const data = { code: "UNSUPPORTED", outcome: "refused" } as const;
  throw makeError({ ...data, message: `ontap-select-deploy: ${message}` }, undefined, cause);
}

let current: Instance | undefined;

/** The current instance; a new one if there is none yet or the last one died. */
export function instance(): Instance {
  if (!current || current.dead) current = new Instance();
  return current;
}
