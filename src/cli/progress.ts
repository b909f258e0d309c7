// Shows progress: one live line on a terminal, otherwise one line per change.

import type { ClientEvent, JobSnapshot } from "../js/index.js";
import { plain } from "./terminal.js";

const REDRAW_MS = 200;
const FRAMES = ["|", "/", "-", "\\"];

export interface Progress {
  onProgress(job: JobSnapshot): void;
  onEvent(event: ClientEvent): void;
  accepted(id: string): void;
  /** Shows something other than a job, such as a member's value. A repeated value is not shown again. */
  seen(text: string): void;
  /** Prints a permanent line. */
  note(text: string): void;
  /** Prints a permanent line for a finished step. */
  step(text: string): void;
  /** Stops drawing while `work` uses the terminal. */
  aside<T>(work: () => Promise<T>): Promise<T>;
  /** The bytes of a file transferred so far. Shown only on a terminal. */
  moved(bytes: number, total: number | undefined): void;
  /** Removes the live line and stops drawing. */
  end(): void;
}

/** `out` is standard error. `what` is shown before the first change. */
export function progressOn(out: NodeJS.WriteStream, what: string, quiet: boolean): Progress {
  if (quiet) return silent;
  // A terminal that cannot move its cursor gets lines, too.
  return out.isTTY && process.env.TERM !== "dumb" ? live(out, what) : lines(out);
}

const silent: Progress = {
  onProgress() {},
  onEvent() {},
  accepted() {},
  seen() {},
  note() {},
  step() {},
  aside: (work) => work(),
  moved() {},
  end() {},
};

/** Describes why each retry happens, from the event before it. */
function failures(): (event: ClientEvent) => string {
  let last = "";
  return ({ type, status, attempt = 0 }) => {
    if (type === "response") {
      const isGood = status !== undefined && status >= 200 && status <= 299;
      last = ` (status ${status}${isGood ? ", no usable record" : ""})`;
    } else if (type === "no-response") last = " (no response)";
    return `attempt ${attempt} failed${last}`;
  };
}

function lines(out: NodeJS.WriteStream): Progress {
  const failure = failures();
  let ended = false;
  let last = "";
  const say = (text: string) => {
    if (!ended) out.write(`${text}\n`);
  };
  return {
    onProgress: (job) => say(statusLine(job)),
    onEvent: (event) => {
      const reason = failure(event);
      if (event.type === "retry") say(`${reason}; retry in ${span(event.delay ?? 0)}`);
    },
    accepted: (id) => say(`accepted as job ${plain(id)}`),
    seen: (text) => {
      if (text !== last) say(plain(text));
      last = text;
    },
    note: say,
    step: say,
    aside: (work) => work(),
    moved: () => {},
    end: () => {
      ended = true;
    },
  };
}

function live(out: NodeJS.WriteStream, what: string): Progress {
  const began = performance.now();
  const failure = failures();
  let said = what;
  let trouble = "";
  let drawn = 0;
  const draw = () => {
    const frame = FRAMES[drawn++ % FRAMES.length];
    const line = `${frame} ${span(performance.now() - began)}  ${trouble}${said}`;
    // The last column stays free, because some terminals wrap when it is written.
    out.write(`\r${[...line].slice(0, Math.max(1, (out.columns || 80) - 1)).join("")}\x1b[K`);
  };
  const erase = () => {
    clearInterval(timer);
    out.write("\r\x1b[K");
  };
  let timer = setInterval(draw, REDRAW_MS);
  draw();
  return {
    onProgress: (job) => {
      said = statusLine(job);
      draw();
    },
    onEvent: (event) => {
      const { type } = event;
      const reason = failure(event);
      if (type === "retry") trouble = `${reason}; `;
      else if (type === "response" || type === "state") trouble = "";
      else return;
      draw();
    },
    accepted: (id) => {
      said = `job ${plain(id)}`;
      draw();
    },
    seen: (text) => {
      said = plain(text);
      draw();
    },
    note: (text) => {
      out.write(`\r${text}\x1b[K\n`);
      draw();
    },
    step: (text) => {
      said = what;
      trouble = "";
      out.write(`\r${text}\x1b[K\n`);
      draw();
    },
    aside: async (work) => {
      erase();
      try {
        return await work();
      } finally {
        timer = setInterval(draw, REDRAW_MS);
        draw();
      }
    },
    moved: (bytes, total) => {
      said = `${what}  ${bar(bytes, total)}${rate(bytes, performance.now() - began)}`;
    },
    end: erase,
  };
}

function statusLine({ state, message }: JobSnapshot): string {
  return plain(message ? `${state}: ${message}` : state);
}

const BAR = 20;

/** `[#####---------------]  25 %  1.5 MB of 6.0 MB`; without a total, only the bytes. */
function bar(bytes: number, total: number | undefined): string {
  if (total === undefined || total <= 0) return size(bytes);
  const part = Math.min(1, bytes / total);
  const full = Math.floor(part * BAR);
  const percent = String(Math.floor(part * 100)).padStart(3);
  return `[${"#".repeat(full)}${"-".repeat(BAR - full)}] ${percent} %  ${size(bytes)} of ${size(total)}`;
}

function rate(bytes: number, ms: number): string {
  return ms < 1_000 ? "" : `, ${size(bytes / (ms / 1_000))}/s`;
}

/** Bytes for people to read, such as `1.5 MB`. */
export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const count = bytes / 1_000 ** power;
  return `${power === 0 ? Math.round(count) : count.toFixed(1)} ${units[power]}`;
}

/** Milliseconds for people to read, such as `1m30s`. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return ms < 1_000 ? `${(ms / 1_000).toFixed(1)}s` : `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${String(seconds % 60).padStart(2, "0")}s`;
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, "0")}m`;
}
