// What goes over the wire, as the package tells it: each poll with its begin and its end, each pause.

import type { ClientEvent } from "ontap-select-deploy";
import { now } from "./time.js";

/** How a poll ended: answered with a change, answered without, gone wrong, or given up by this page. */
export type PollEnd = "news" | "empty" | "failed" | "cancelled";

/** A request for one job, or for many at once; one without `to` is open. */
export interface Poll {
  readonly from: number;
  to?: number;
  end?: PollEnd;
}

/** A time in which nothing is asked on purpose; `again` says that it follows a failure. */
export interface Pause {
  readonly from: number;
  /** When it is to end, and where that is past, when it did. */
  until: number;
  readonly again: boolean;
}

/** Everything that was asked about one job, oldest first. */
export interface PollHistory {
  readonly polls: Poll[];
  readonly pauses: Pause[];
}

/** So many polls are remembered of a job. A browser that is left alone for days must not fill up. */
const most = 2_000;
const rateOver = 5_000;
/** A change is told right after the answer that brought it. */
const together = 50;

export class Requests {
  readonly #histories = new Map<string, PollHistory>();
  /** Of the polls that ask for many jobs at once. */
  readonly many: PollHistory = { polls: [], pauses: [] };
  readonly #sent: number[] = [];

  readonly heard = (event: ClientEvent): void => {
    const history = this.#historyOf(event);
    const at = now();
    switch (event.type) {
      case "request":
        this.#sent.push(at);
        if (history) begin(history, at);
        return;
      case "response":
        if (history) end(history, at, (event.status ?? 0) < 400 ? "empty" : "failed");
        return;
      case "no-response":
        if (history) end(history, at, "failed");
        return;
      case "cancelled":
        if (history) end(history, at, "cancelled");
        return;
      case "retry":
      case "pause":
      case "hot-loop":
        history?.pauses.push({ from: at, until: at + (event.delay ?? 0), again: event.type === "retry" });
        return;
      case "state":
        this.#news(history, at);
        return;
      case "settled":
        if (history) cutPauses(history, at);
    }
  };

  /** What was asked about a job. */
  of(job: string | undefined): PollHistory | undefined {
    return job === undefined ? undefined : this.#histories.get(job);
  }

  /** Forgets all jobs but these. */
  keepOnly(jobs: ReadonlySet<string | undefined>): void {
    for (const job of this.#histories.keys()) if (!jobs.has(job)) this.#histories.delete(job);
  }

  get openPolls(): number {
    const histories = [this.many, ...this.#histories.values()];
    return histories.reduce((sum, { polls }) => sum + polls.filter(({ to }) => to === undefined).length, 0);
  }

  /** Requests a second, over the last few seconds. */
  get rate(): number {
    const since = now() - rateOver;
    while ((this.#sent[0] ?? since) < since) this.#sent.shift();
    return (this.#sent.length * 1_000) / rateOver;
  }

  #historyOf({ jobId, path, method }: ClientEvent): PollHistory | undefined {
    if (jobId === undefined) return method === "GET" && path === "/jobs" ? this.many : undefined;
    const known = this.#histories.get(jobId);
    if (known) return known;
    const history: PollHistory = { polls: [], pauses: [] };
    this.#histories.set(jobId, history);
    return history;
  }

  /** A change came with the job's own poll, or with one for many jobs, whichever was answered just now. */
  #news(history: PollHistory | undefined, at: number): void {
    for (const { polls } of [history, this.many].filter((it) => it !== undefined)) {
      const last = polls.findLast(({ to }) => to !== undefined);
      if (last?.to === undefined || at - last.to > together || last.end === "failed") continue;
      last.end = "news";
      return;
    }
  }
}

function begin(history: PollHistory, at: number): void {
  cutPauses(history, at);
  history.polls.push({ from: at });
  if (history.polls.length > most) history.polls.shift();
  if (history.pauses.length > most) history.pauses.shift();
}

function end({ polls }: PollHistory, at: number, how: PollEnd): void {
  const poll = polls.find(({ to }) => to === undefined);
  if (!poll) return;
  poll.to = at;
  poll.end = how;
}

/** A pause is over with the next request, whatever it was to be. */
function cutPauses({ pauses }: PollHistory, at: number): void {
  const last = pauses.at(-1);
  if (last && last.until > at) last.until = at;
}
