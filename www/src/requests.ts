// The history of polls and pauses, from the client's events.

import type { ClientEvent } from "ontap-select-deploy";
import { dropOldest } from "./bounded.js";
import { PollHistory } from "./poll-history.js";
import { now } from "./time.js";

const rateOver = 5_000;
/** More than a browser sends in that time. */
const mostSent = 5_000;

export class Requests {
  readonly #histories = new Map<string, PollHistory>();
  /** The polls for many jobs at once. */
  readonly many = new PollHistory();
  readonly #sent: number[] = [];

  readonly onEvent = (event: ClientEvent): void => {
    const at = now();
    if (event.type === "request") {
      this.#sent.push(at);
      dropOldest(this.#sent, mostSent);
    }
    const history = this.#historyOf(event);
    if (event.type === "state") {
      // The change came with the last response: the job's own poll, or one for many jobs.
      if (!history?.news(at)) this.many.news(at);
      return;
    }
    if (!history) return;
    switch (event.type) {
      case "request":
        history.begin(at);
        return;
      case "response":
        history.end(at, (event.status ?? 0) < 400 ? "empty" : "failed");
        return;
      case "no-response":
        history.end(at, "failed");
        return;
      case "cancelled":
        history.end(at, "cancelled");
        return;
      case "retry":
      case "pause":
      case "hot-loop":
        history.pause(at, event.delay ?? 0, event.type === "retry");
        return;
      case "settled":
        history.cutPauses(at);
    }
  };

  /** The history of a job. */
  of(job: string | undefined): PollHistory | undefined {
    return job === undefined ? undefined : this.#histories.get(job);
  }

  /** Drops all jobs except these. */
  keepOnly(jobs: ReadonlySet<string | undefined>): void {
    for (const job of this.#histories.keys()) if (!jobs.has(job)) this.#histories.delete(job);
  }

  get openPolls(): number {
    return [...this.#histories.values()].reduce((sum, { open }) => sum + open, this.many.open);
  }

  /** Requests a second, over the last few seconds. */
  get rate(): number {
    const since = now() - rateOver;
    const old = this.#sent.findIndex((at) => at >= since);
    this.#sent.splice(0, old === -1 ? this.#sent.length : old);
    return (this.#sent.length * 1_000) / rateOver;
  }

  #historyOf({ type, jobId, path, method }: ClientEvent): PollHistory | undefined {
    if (jobId === undefined) return method === "GET" && path === "/jobs" ? this.many : undefined;
    const known = this.#histories.get(jobId);
    // A late event does not bring a dropped job back.
    if (known || type !== "request") return known;
    const history = new PollHistory();
    this.#histories.set(jobId, history);
    return history;
  }
}
