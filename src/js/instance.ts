// Loads the wasm, and contains what may go wrong in it.
//
// A wasm instance that panicked cannot be trusted with anything more. So every entry into it is
// guarded: the first one that ends abnormally marks the instance dead, rejects every pending promise, and
// lets no later timer or promise in. The next use makes a new instance, with bindings of its own.

import { type Client, createGlue, type Exports } from "../../target/embed/glue.js";
import { clearTimeout, setTimeout } from "./clock.js";
import { type DeployError, makeError } from "./errors.js";
import { engineModule } from "./module.js";
import type { ClientSettings } from "./options.js";
import { Waiters } from "./waiters.js";

/** A client inside an instance, and its waiters there. */
export interface Binding {
  readonly instance: Instance;
  readonly client: Client;
  readonly waiters: Waiters;
}

type Called = Extract<keyof Exports, `${"client" | "job"}_${string}`>;

/**
 * Whether the caller of an export catches what it throws. Events do not; nor do timers, promises and the garbage
 * collector, which call all other exports.
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
  /** Those with pending promises. */
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
      // The bindings look for an error in what an export gives.
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

/** @throws DeployError where the runtime has no WebAssembly, or refuses it. */
function instantiate(glue: WebAssembly.ModuleImports): WebAssembly.Instance {
  let cause: unknown;
  if (typeof WebAssembly === "object") {
    try {
      // wasm-opt's name for the one module that ours imports from.
      return new WebAssembly.Instance(engineModule(), { a: glue });
    } catch (error) {
      const isRefused = error instanceof WebAssembly.CompileError || error instanceof RangeError;
      if (!isRefused) throw error;
      cause = error;
    }
  }
  const message = cause
    ? "this runtime refused to compile WebAssembly: under a Content-Security-Policy without 'wasm-unsafe-eval', or in a " +
      "browser older than Chromium 114, Firefox 115 and Safari 16.4"
    : "this runtime has no WebAssembly: Safari in Lockdown Mode, Edge in its strict mode and Node under --jitless have none";
  const data = { code: "UNSUPPORTED", outcome: "refused" } as const;
  throw makeError({ ...data, message: `ontap-select-deploy: ${message}` }, undefined, cause);
}

let current: Instance | undefined;

/** The instance in use; a new one if there is none yet, or if the last one died. */
export function instance(): Instance {
  if (!current || current.dead) current = new Instance();
  return current;
}
