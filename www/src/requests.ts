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
export interface Course {
  readonly polls: Poll[];
  readonly pauses: Pause[];
}

/** So many polls are remembered of a job. A browser that is left alone for days must not fill up. */
const most = 2_000;
const rateOver = 5_000;
/** A change is told right after the answer that brought it. */
const together = 50;

export class Requests {
  readonly #courses = new Map<string, Course>();
  /** Of the polls that ask for many jobs at once. */
  readonly many: Course = { polls: [], pauses: [] };
  readonly #sent: number[] = [];

  readonly heard = (event: ClientEvent): void => {
    const course = this.#courseOf(event);
    const at = now();
    switch (event.type) {
      case "request":
        this.#sent.push(at);
        if (course) begin(course, at);
        return;
      case "response":
        if (course) end(course, at, (event.status ?? 0) < 400 ? "empty" : "failed");
        return;
      case "no-response":
        if (course) end(course, at, "failed");
        return;
      case "cancelled":
        if (course) end(course, at, "cancelled");
        return;
      case "retry":
      case "pause":
      case "hot-loop":
        course?.pauses.push({ from: at, until: at + (event.delay ?? 0), again: event.type === "retry" });
        return;
      case "state":
        this.#news(course, at);
        return;
      case "settled":
        if (course) cutPauses(course, at);
    }
  };

  /** What was asked about a job. */
  of(job: string | undefined): Course | undefined {
    return job === undefined ? undefined : this.#courses.get(job);
  }

  /** Forgets all jobs but these. */
  keepOnly(jobs: ReadonlySet<string | undefined>): void {
    for (const job of this.#courses.keys()) if (!jobs.has(job)) this.#courses.delete(job);
  }

  get openPolls(): number {
    const courses = [this.many, ...this.#courses.values()];
    return courses.reduce((sum, { polls }) => sum + polls.filter(({ to }) => to === undefined).length, 0);
  }

  /** Requests a second, over the last few seconds. */
  get rate(): number {
    const since = now() - rateOver;
    while ((this.#sent[0] ?? since) < since) this.#sent.shift();
    return (this.#sent.length * 1_000) / rateOver;
  }

  #courseOf({ jobId, path, method }: ClientEvent): Course | undefined {
    if (jobId === undefined) return method === "GET" && path === "/jobs" ? this.many : undefined;
    const known = this.#courses.get(jobId);
    if (known) return known;
    const course: Course = { polls: [], pauses: [] };
    this.#courses.set(jobId, course);
    return course;
  }

  /** A change came with the job's own poll, or with one for many jobs, whichever was answered just now. */
  #news(course: Course | undefined, at: number): void {
    for (const { polls } of [course, this.many].filter((it) => it !== undefined)) {
      const last = polls.findLast(({ to }) => to !== undefined);
      if (last?.to === undefined || at - last.to > together || last.end === "failed") continue;
      last.end = "news";
      return;
    }
  }
}

function begin(course: Course, at: number): void {
  cutPauses(course, at);
  course.polls.push({ from: at });
  if (course.polls.length > most) course.polls.shift();
  if (course.pauses.length > most) course.pauses.shift();
}

function end({ polls }: Course, at: number, how: PollEnd): void {
  const poll = polls.find(({ to }) => to === undefined);
  if (!poll) return;
  poll.to = at;
  poll.end = how;
}

/** A pause is over with the next request, whatever it was to be. */
function cutPauses({ pauses }: Course, at: number): void {
  const last = pauses.at(-1);
  if (last && last.until > at) last.until = at;
}
