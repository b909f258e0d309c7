// The state of the connection to Deploy, from the events of each request. Only what is known is said: a
// poll that is held looks the same as one that is lost, until its time is over.

import type { ClientEvent } from "ontap-select-deploy";
import { now, seconds } from "./time.js";

/**
 * - `fine`: answers come, or there is nothing to ask.
 * - `quiet`: what was asked may take that long.
 * - `slow`: answers come, but late.
 * - `rough`: some requests fail, others are answered.
 * - `busy`, `cut`, `away`: the last one failed, told by Deploy, by something on the way, or by nobody.
 * - `silent`: what was asked should have been answered by now.
 */
export type Weather = "fine" | "quiet" | "slow" | "rough" | "busy" | "cut" | "away" | "silent";

export interface Report {
  readonly weather: Weather;
  /** What is known, in a sentence that changes with the time. */
  readonly sentence: string;
}

/** What the package asks Deploy to hold a poll at most; in milliseconds. */
const hold = 30_000;
const onTheWay = 2_000;
const quietAfter = 6_000;
const slowAfter = 2_000;
/** How long a failure or a slow answer colours the report, once others are well again. */
const linger = 8_000;
const goesOn = "Jobs themselves go on in Deploy.";

interface Open {
  readonly at: number;
  readonly poll: boolean;
}

interface Failure {
  readonly at: number;
  /** Absent where no answer came. */
  readonly status: number | undefined;
}

export class Health {
  #answeredAt = now();
  #failure: Failure | undefined;
  #failures: number[] = [];
  #slow: { at: number; took: number } | undefined;
  readonly #open = new Map<string, Open[]>();
  readonly #again = new Map<string, number>();

  readonly heard = (event: ClientEvent): void => {
    const at = now();
    const name = event.jobId ?? `${event.method} ${event.path}`;
    if (event.type === "request") {
      this.#again.delete(name);
      const open = this.#open.get(name) ?? [];
      this.#open.set(name, [...open, { at, poll: isPoll(event) }]);
    } else if (event.type === "response") {
      this.#answered(at, event.status ?? 0, this.#close(name));
    } else if (event.type === "no-response") {
      this.#close(name);
      this.#fail(at, undefined);
    } else if (event.type === "cancelled") {
      this.#close(name);
    } else if (event.type === "retry") {
      this.#again.set(name, at + (event.delay ?? 0));
    } else if (event.type === "settled") {
      this.#again.delete(name);
    }
  };

  report(at: number): Report {
    if (!navigator.onLine) {
      return { weather: "away", sentence: `This device has no network. ${goesOn}` };
    }
    return this.#failing(at) ?? this.#waiting(at) ?? this.#recent(at) ?? this.#fine();
  }

  /** When a job's next attempt is due, if its last one failed. */
  again(job: string): number | undefined {
    return this.#again.get(job);
  }

  #close(name: string): Open | undefined {
    const [first, ...rest] = this.#open.get(name) ?? [];
    if (rest.length > 0) this.#open.set(name, rest);
    else this.#open.delete(name);
    return first;
  }

  #answered(at: number, status: number, open: Open | undefined): void {
    this.#answeredAt = at;
    if (status >= 500 || status === 429) {
      this.#fail(at, status);
      return;
    }
    this.#failure = undefined;
    if (open && !open.poll && at - open.at > slowAfter) this.#slow = { at, took: at - open.at };
  }

  #fail(at: number, status: number | undefined): void {
    this.#failure = { at, status };
    this.#failures = [...this.#failures.filter((time) => time > at - linger), at];
  }

  /** Nothing was answered well since the last failure. */
  #failing(at: number): Report | undefined {
    if (!this.#failure) return undefined;
    const { status } = this.#failure;
    if (this.#again.size === 0 && this.#failure.at < at - linger) return undefined;
    const next = this.#next(at);
    if (status === undefined) {
      const since = seconds(at - this.#answeredAt);
      return { weather: "away", sentence: `No answer from Deploy for ${since}${next}. ${goesOn}` };
    }
    if (status === 502 || status === 504) {
      return {
        weather: "cut",
        sentence: `A proxy on the way gave a request up (status ${status})${next}. ${goesOn}`,
      };
    }
    return { weather: "busy", sentence: `Deploy is busy (status ${status})${next}. ${goesOn}` };
  }

  #next(at: number): string {
    const left = Math.min(...this.#again.values()) - at;
    if (Number.isFinite(left) && left > 500) return `; trying again in ${seconds(left)}`;
    // Without a pause to wait for, either it is being asked, or nobody wants to know any more.
    return this.#isAsking ? "; trying again now" : "";
  }

  /** Something is open for longer than it usually is. */
  #waiting(at: number): Report | undefined {
    const open = [...this.#open.values()].flat();
    const call = oldest(open.filter(({ poll }) => !poll));
    const poll = oldest(open.filter((it) => it.poll));
    if (poll !== undefined && at - poll > hold + onTheWay) {
      const since = seconds(at - poll);
      return {
        weather: "silent",
        sentence: `No answer for ${since}, though Deploy answers within ${seconds(hold)}: the line may be dead. It is given up soon, and asked again. ${goesOn}`,
      };
    }
    if (call !== undefined && at - call > slowAfter) {
      const since = seconds(at - call);
      return { weather: "slow", sentence: `A request has waited for its answer for ${since}.` };
    }
    const heard = at - Math.max(this.#answeredAt, poll ?? 0);
    if (poll !== undefined && heard > quietAfter) {
      return {
        weather: "quiet",
        sentence: `Nothing heard for ${seconds(heard)}. Deploy answers when something changes, and within ${seconds(hold)} at the latest; until then nobody can tell more.`,
      };
    }
    return undefined;
  }

  /** All is well again, but was not a moment ago. */
  #recent(at: number): Report | undefined {
    const failed = this.#failures.filter((time) => time > at - linger).length;
    if (failed > 0) {
      const requests = failed === 1 ? "One request" : `${failed} requests`;
      return {
        weather: "rough",
        sentence: `Deploy answers. ${requests} failed in the last ${seconds(linger)}${this.#isAsking ? ` and ${failed === 1 ? "is" : "are"} asked again` : ""}.`,
      };
    }
    if (this.#slow && this.#slow.at > at - linger) {
      return {
        weather: "slow",
        sentence: `Deploy answers, but the last call took ${seconds(this.#slow.took)}: it or the line is slow, or much is asked at once.`,
      };
    }
    return undefined;
  }

  /** Something is asked, or will be. */
  get #isAsking(): boolean {
    return this.#again.size > 0 || this.#open.size > 0;
  }

  #fine(): Report {
    return {
      weather: "fine",
      sentence: this.#open.size > 0 ? "Deploy answers." : "Deploy answered when it was last asked.",
    };
  }
}

function oldest(open: readonly Open[]): number | undefined {
  return open.length === 0 ? undefined : Math.min(...open.map(({ at }) => at));
}

function isPoll({ jobId, method, path }: ClientEvent): boolean {
  return jobId !== undefined || (method === "GET" && path === "/jobs");
}
