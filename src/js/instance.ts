// Loads the wasm, and contains what may go wrong in it.
//
// A wasm instance that panicked cannot be trusted with anything more. So every entry into it is
// guarded: the first one that ends abnormally marks the instance dead, rejects what it still owed, and
// lets no later timer or promise in. The next use makes a new instance, with bindings of its own.

import { createGlue } from "../../target/embed/glue.js";
import { type DeployError, makeError } from "./errors.js";
import { Host } from "./waiters.js";
import { engineModule } from "./module.js";
import type { ClientOptions, ClientStats, JobSnapshot } from "./types.js";

/** A client inside the wasm. Who waits goes by a number that {@link Host.wait} gives. */
export interface EngineClient {
  call(waiter: number, method: string, path: string, options: unknown, follow: boolean): void;
  job(id: string): EngineJob;
  acceptedJob(id: string): EngineJob;
  resume(token: string): EngineJob;
  /** Throws for options of a wait that are none. */
  check(options: unknown): void;
  readonly stats: ClientStats;
  abort(waiter: number): void;
  offline(): void;
  awake(): void;
  heard(message: string): void;
  lead(leads: boolean): void;
  close(): void;
}

/** A hold on a job inside the wasm. */
export interface EngineJob {
  readonly id: string;
  readonly latest: JobSnapshot | undefined;
  serialize(): string;
  wait(waiter: number, options: unknown, once: boolean): void;
}

/** A client, the instance that it is in, and its host there. */
export interface Seat {
  readonly engine: Engine;
  readonly client: EngineClient;
  readonly host: Host;
}

interface Glue {
  Client: new (options: ClientOptions, host: Host) => EngineClient;
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
}

type Entry = (...args: unknown[]) => unknown;

/** One wasm instance and what it owes. */
export class Engine {
  dead: DeployError | undefined;
  readonly #glue = createGlue() as Glue;
  readonly #owing = new Set<Host>();

  constructor() {
    const imports = { glue: this.#glue as unknown as WebAssembly.ModuleImports };
    const { exports } = new WebAssembly.Instance(engineModule(), imports);
    const guarded = Object.fromEntries(
      Object.entries(exports).map(([name, value]) => [
        name,
        typeof value === "function" ? this.#guard(name, value as Entry) : value,
      ]),
    ) as WebAssembly.Exports;
    this.#glue.__wbg_set_wasm(guarded);
    (guarded.__wbindgen_start as () => void)();
  }

  client(options: ClientOptions): Seat {
    const host = new Host(this.#owing, options?.onEvent);
    return { engine: this, client: new this.#glue.Client(options, host), host };
  }

  #guard(name: string, entry: Entry): Entry {
    // Nobody stands above the others to catch anything: timers, promises, listeners and the garbage collector
    // call them. The bindings look for an error in what they give.
    const isAsked = /^(client|job)_(?!abort|offline|awake|heard|lead)/.test(name);
    return (...args) => {
      if (!this.dead) {
        try {
          return entry(...args);
        } catch (cause) {
          this.#die(cause);
        }
      }
      if (isAsked) throw this.dead;
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
