// Loads the wasm, and contains what may go wrong in it.
//
// A wasm instance that panicked cannot be trusted with anything more. So every entry into it is
// guarded: the first one that ends abnormally marks the instance dead, rejects what it still owed, and
// lets no later timer or promise in. The next use makes a new instance, with bindings of its own.

import { createGlue } from "../../target/embed/glue.js";
import { type DeployError, makeError } from "./errors.js";
import { host } from "./host.js";
import { engineModule } from "./module.js";
import type { CallResult, ClientOptions, ClientStats, JobSnapshot } from "./types.js";

/** A client inside the wasm. */
export interface EngineClient {
  call(method: string, path: string, options: unknown, follow: true): Promise<CallResult>;
  call(
    method: string,
    path: string,
    options: unknown,
    follow: false,
  ): Promise<[CallResult, string | undefined]>;
  job(id: string): EngineJob;
  acceptedJob(id: string): EngineJob;
  resume(token: string): EngineJob;
  /** Throws for options of a wait that are none. */
  check(options: unknown): void;
  readonly stats: ClientStats;
  close(): void;
}

/** A hold on a job inside the wasm. */
export interface EngineJob {
  readonly id: string;
  readonly latest: JobSnapshot | undefined;
  serialize(): string;
  result(options: unknown): Promise<JobSnapshot>;
  poll(options: unknown): Promise<JobSnapshot>;
}

interface Glue {
  Client: new (options: ClientOptions, hostFunctions: typeof host) => EngineClient;
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
}

type Entry = (...args: unknown[]) => unknown;

/** One wasm instance and what it owes. */
export class Engine {
  dead: DeployError | undefined;
  readonly #glue = createGlue() as Glue;
  readonly #owed = new Set<(error: DeployError) => void>();

  constructor() {
    const imports = { "./engine_bg.js": this.#glue as unknown as WebAssembly.ModuleImports };
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

  client(options: ClientOptions): EngineClient {
    return new this.#glue.Client(options, host);
  }

  /** The promise, or the instance's death if that comes first. */
  owe<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = <A>(how: (value: A) => void) => {
        return (value: A) => {
          this.#owed.delete(reject);
          how(value);
        };
      };
      this.#owed.add(reject);
      promise.then(settle(resolve), settle(reject));
    });
  }

  #guard(name: string, entry: Entry): Entry {
    // Timers and promises call in through closures; nobody stands above them to catch anything.
    const fromEventLoop = name.includes("closure");
    return (...args) => {
      if (this.dead) return undefined;
      try {
        return entry(...args);
      } catch (cause) {
        this.#die(cause);
        if (fromEventLoop) return [];
        throw this.dead;
      }
    };
  }

  #die(cause: unknown): void {
    const message = "ontap-select-deploy failed inside; the outcome of what was under way is unknown";
    const error = makeError({ code: "INTERNAL", message }, undefined, cause);
    this.dead = error;
    for (const reject of this.#owed) reject(error);
    this.#owed.clear();
  }
}

let current: Engine | undefined;

/** The instance in use; a new one if there is none yet, or if the last one died. */
export function engine(): Engine {
  if (!current || current.dead) current = new Engine();
  return current;
}
