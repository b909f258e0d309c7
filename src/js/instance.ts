// Loads the wasm, and contains what may go wrong in it.
//
// A wasm instance that panicked cannot be trusted with anything more. So every entry into it is
// guarded: the first one that ends abnormally marks the instance dead, rejects what it still owed, and
// lets no later timer or promise in. The next use makes a new instance, with bindings of its own.

import { type Client, createGlue, type Exports, type Job } from "../../target/embed/glue.js";
import { type DeployError, makeError } from "./errors.js";
import { engineModule } from "./module.js";
import type { ClientOptions } from "./types.js";
import { Host } from "./waiters.js";

export type { Job as EngineJob };

/** A client, the instance that it is in, and its host there. */
export interface Seat {
  readonly engine: Engine;
  readonly client: Client;
  readonly host: Host;
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
  client_acceptedJob: true,
  client_resume: true,
  client_check: true,
  client_stats: true,
  client_close: true,
  client_abort: false,
  client_offline: false,
  client_awake: false,
  client_heard: false,
  client_lead: false,
  job_id: true,
  job_latest: true,
  job_serialize: true,
  job_wait: true,
};

type Entry = (...args: unknown[]) => unknown;

/** One wasm instance and what it owes. */
export class Engine {
  dead: DeployError | undefined;
  readonly #glue = createGlue();
  readonly #owing = new Set<Host>();

  constructor() {
    // wasm-opt's name for the one module that ours imports from.
    const { exports } = new WebAssembly.Instance(engineModule(), { a: this.#glue });
    const guarded = Object.fromEntries(
      Object.entries(exports).map(([name, value]) => [
        name,
        typeof value === "function" ? this.#guard(name, value as Entry) : value,
      ]),
    ) as Exports;
    this.#glue.__wbg_set_wasm(guarded);
    guarded.__wbindgen_start();
  }

  client(options: ClientOptions): Seat {
    const host = new Host(this.#owing, options?.onEvent);
    return { engine: this, client: new this.#glue.Client(options, host), host };
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
    const message = "ontap-select-deploy failed inside; the outcome of what was under way is unknown";
    const error = makeError({ code: "INTERNAL", message }, undefined, cause);
    this.dead = error;
    for (const host of this.#owing) host.die(error);
    this.#owing.clear();
  }
}

let current: Engine | undefined;

/** The instance in use; a new one if there is none yet, or if the last one died. */
export function engine(): Engine {
  if (!current || current.dead) current = new Engine();
  return current;
}
