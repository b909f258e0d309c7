// The state of the connection to Deploy, from the client's events. A poll that Deploy holds looks the same as a lost
// one until its time is over, so the report does not guess.

import type { ClientEvent } from "ontap-select-deploy";
import { now, seconds } from "./time.js";

/**
 * - `fine`: responses arrive, or no request is open.
 * - `quiet`: no response for a while, within the time that a poll may take.
 * - `slow`: responses arrive late.
 * - `rough`: some requests fail, others succeed.
 * - `busy`, `cut`, `away`: the last request failed: Deploy sent an error, a proxy sent one, or no response came.
 * - `silent`: a poll is open for longer than Deploy holds it.
 */
export type Weather = "fine" | "quiet" | "slow" | "rough" | "busy" | "cut" | "away" | "silent";

export interface Report {
  readonly weather: Weather;
  /** One sentence that changes with time. */
  readonly sentence: string;
}

/** The longest time for which the client asks Deploy to hold a poll. Milliseconds. */
const hold = 30_000;
const onTheWay = 2_000;
const quietAfter = 6_000;
const slowAfter = 2_000;
/** How long a failure or a slow response still shows after others succeed. */
const linger = 8_000;
const goesOn = "Jobs continue in Deploy.";

interface Open {
  readonly at: number;
  readonly poll: boolean;
}

interface Failure {
  readonly at: number;
  /** Undefined if no response came. */
  readonly status: number | undefined;
}

export class Health {
  #answeredAt = now();
  #failure: Failure | undefined;
  #failures: number[] = [];
  #slow: { at: number; took: number } | undefined;
  readonly #open = new Map<string, Open[]>();
  readonly #again = new Map<string, number>();

  readonly onEvent = (event: ClientEvent): void => {
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
      return { weather: "away", sentence: `This device is offline. ${goesOn}` };
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

  /** No request has succeeded since the last failure. */
  #failing(at: number): Report | undefined {
    if (!this.#failure) return undefined;
    const { status } = this.#failure;
    if (this.#again.size === 0 && this.#failure.at < at - linger) return undefined;
    const next = this.#next(at);
    if (status === undefined) {
      const since = seconds(at - this.#answeredAt);
      return { weather: "away", sentence: `No response from Deploy for ${since}${next}. ${goesOn}` };
    }
    if (status === 502 || status === 504) {
      return {
        weather: "cut",
        sentence: `A proxy got no response from Deploy (status ${status})${next}. ${goesOn}`,
      };
    }
    return { weather: "busy", sentence: `Deploy is busy (status ${status})${next}. ${goesOn}` };
  }

  #next(at: number): string {
    const left = Math.min(...this.#again.values()) - at;
    if (Number.isFinite(left) && left > 500) return `; retrying in ${seconds(left)}`;
    return this.#isAsking ? "; retrying now" : "";
  }

  /** A request is open for longer than usual. */
  #waiting(at: number): Report | undefined {
    const open = [...this.#open.values()].flat();
    const call = oldest(open.filter(({ poll }) => !poll));
    const poll = oldest(open.filter((it) => it.poll));
    if (poll !== undefined && at - poll > hold + onTheWay) {
      const since = seconds(at - poll);
      return {
        weather: "silent",
        sentence: `No response for ${since}. Deploy should respond within ${seconds(hold)}, so the connection may be dead. The console will retry soon. ${goesOn}`,
      };
    }
    if (call !== undefined && at - call > slowAfter) {
      const since = seconds(at - call);
      return { weather: "slow", sentence: `A request has been waiting for a response for ${since}.` };
    }
    const quiet = at - Math.max(this.#answeredAt, poll ?? 0);
    if (poll !== undefined && quiet > quietAfter) {
      return {
        weather: "quiet",
        sentence: `No response for ${seconds(quiet)}, which is normal: Deploy responds when a job changes, or after ${seconds(hold)}.`,
      };
    }
    return undefined;
  }

  /** Requests succeed again after a recent failure. */
  #recent(at: number): Report | undefined {
    const failed = this.#failures.filter((time) => time > at - linger).length;
    if (failed > 0) {
      const requests = failed === 1 ? "One request" : `${failed} requests`;
      return {
        weather: "rough",
        sentence: `Deploy is responding. ${requests} failed in the last ${seconds(linger)}${this.#isAsking ? "; retrying" : ""}.`,
      };
    }
    if (this.#slow && this.#slow.at > at - linger) {
      return {
        weather: "slow",
        sentence: `Deploy is responding, but the last call took ${seconds(this.#slow.took)}. Deploy or the connection is slow, or many requests are open.`,
      };
    }
    return undefined;
  }

  /** A request is open or due. */
  get #isAsking(): boolean {
    return this.#again.size > 0 || this.#open.size > 0;
  }

  #fine(): Report {
    return {
      weather: "fine",
      sentence: this.#open.size > 0 ? "Deploy is responding." : "Deploy responded to the last request.",
    };
  }
}

function oldest(open: readonly Open[]): number | undefined {
  return open.length === 0 ? undefined : Math.min(...open.map(({ at }) => at));
}

function isPoll({ jobId, method, path }: ClientEvent): boolean {
  return jobId !== undefined || (method === "GET" && path === "/jobs");
}
