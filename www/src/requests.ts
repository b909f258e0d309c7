// What goes over the wire, as the package tells it: each poll with its begin and its end.

import type { ClientEvent } from "ontap-select-deploy";
import { now } from "./time.js";

/** A request for one job, or for many at once. */
export interface Poll {
  /** Absent where many jobs were asked for at once. */
  readonly job: string | undefined;
  readonly from: number;
  to?: number;
  end?: "answered" | "failed" | "cancelled";
}

/** As far back as is remembered, in milliseconds. */
export const remembered = 30_000;
const rateOver = 5_000;

export class Requests {
  /** Oldest first. */
  readonly polls: Poll[] = [];
  readonly #sent: number[] = [];
  readonly #open = new Map<string | undefined, Poll[]>();

  readonly heard = (event: ClientEvent): void => {
    if (event.type === "request") this.#begin(event);
    else if (event.type === "response") this.#end(event, (event.status ?? 0) < 400 ? "answered" : "failed");
    else if (event.type === "no-response") this.#end(event, "failed");
    else if (event.type === "cancelled") this.#end(event, "cancelled");
  };

  /** Requests a second, over the last few seconds. */
  get rate(): number {
    const since = now() - rateOver;
    while ((this.#sent[0] ?? since) < since) this.#sent.shift();
    return (this.#sent.length * 1_000) / rateOver;
  }

  #begin(event: ClientEvent): void {
    const at = now();
    this.#sent.push(at);
    if (!isPoll(event)) return;
    while ((this.polls[0]?.to ?? at) < at - remembered) this.polls.shift();
    const poll: Poll = { job: event.jobId, from: at };
    this.polls.push(poll);
    const open = this.#open.get(poll.job);
    if (open) open.push(poll);
    else this.#open.set(poll.job, [poll]);
  }

  #end(event: ClientEvent, end: NonNullable<Poll["end"]>): void {
    if (!isPoll(event)) return;
    const open = this.#open.get(event.jobId);
    const poll = open?.shift();
    if (open?.length === 0) this.#open.delete(event.jobId);
    if (poll) {
      poll.to = now();
      poll.end = end;
    }
  }
}

function isPoll({ jobId, path, method }: ClientEvent): boolean {
  return jobId !== undefined || (method === "GET" && path === "/jobs");
}
