// Replaces waiters.ts in Node. It publishes each call and each wait on `node:diagnostics_channel`, like
// `TracingChannel.tracePromise` but without the result, which holds a body. traces.ts has the messages. It also has a
// shorter path for polls through `nodeFetch`.

import type { TracingChannel } from "node:diagnostics_channel";
import { NODE_FETCH } from "../node/known.js";
import { DeployError } from "./errors.js";
import type { CallSettings, WaitSettings } from "./options.js";
import { type Fetched, readResponse } from "./response.js";
import type { CallTrace, Trace, WaitTrace } from "./traces.js";
import type { CallResult, JobSnapshot } from "./types.js";
import { type Condition, type Waited, Waiters as WaitersAnywhere } from "./waiters.js";

type Channel = TracingChannel<unknown, Trace>;

let channels: { readonly call: Channel; readonly wait: Channel } | undefined;

export class Waiters extends WaitersAnywhere {
  #poll: RequestInit | undefined;

  constructor(...settings: ConstructorParameters<typeof WaitersAnywhere>) {
    super(...settings);
    // Not at import, which must have no side effects.
    channels ??= openChannels();
  }

  override wait<T>(
    waited: Waited,
    options: (WaitSettings | CallSettings) & Condition,
    start: () => number,
  ): Promise<T> {
    const channel = "method" in options ? channels?.call : channels?.wait;
    if (!channel || !isHeard(channel)) return super.wait(waited, options, start);
    return this.#traced(channel, waited, options, start);
  }

  // nodeFetch reads frozen headers only once. Its polls call no user function, so they need no async context.
  override async fetch(...given: Parameters<WaitersAnywhere["fetch"]>): Promise<Fetched> {
    const [, url, headers, signal, limit] = given;
    const { fetch } = this.settings;
    const isNodeFetch = fetch && (fetch as { [NODE_FETCH]?: unknown })[NODE_FETCH] === fetch;
    if (headers || !isNodeFetch) return super.fetch(...given);
    this.#poll ??= this.#frozenPoll();
    return readResponse(await fetch(url, { ...this.#poll, signal }), limit, signal, false, undefined);
  }

  #frozenPoll(): RequestInit {
    const { init, headers } = this.settings;
    const pairs = [...headers].map((pair) => Object.freeze(pair));
    return { ...init, headers: Object.freeze(pairs) as HeadersInit };
  }

  // A separate method, so that calls without subscribers do not pay for its closure.
  #traced<T>(
    channel: Channel,
    waited: Waited,
    options: (WaitSettings | CallSettings) & Condition,
    start: () => number,
  ): Promise<T> {
    const { end, asyncStart, asyncEnd, error } = channel;
    const trace = this.#begin(waited, options);
    const over = () => {
      asyncStart.publish(trace);
      asyncEnd.publish(trace);
    };
    return channel.start.runStores(trace, () => {
      const settled = super.wait<T>(waited, options, start).then(
        (value) => {
          addResult(trace, value as CallResult | JobSnapshot);
          over();
          return value;
        },
        (reason) => {
          addError(trace, reason);
          error.publish(trace);
          over();
          throw reason;
        },
      );
      end.publish(trace);
      return settled;
    });
  }

  #begin(waited: Waited, options: (WaitSettings | CallSettings) & Condition): CallTrace | WaitTrace {
    const { baseUrl } = this.settings;
    const server = baseUrl.origin;
    if (!("method" in options)) return { server, jobId: waited.job?.id ?? "" };
    const isFile = options.file !== undefined;
    return { server, method: options.method.toUpperCase(), path: pathOf(baseUrl, options.path, isFile) };
  }
}

// Not imported: some tools set the condition `node` for code in a page, where the module does not exist.
function openChannels(): typeof channels {
  const module = globalThis.process?.getBuiltinModule?.("node:diagnostics_channel");
  return (
    module && {
      call: module.tracingChannel("ontap-select-deploy:call"),
      wait: module.tracingChannel("ontap-select-deploy:wait"),
    }
  );
}

// Checks each event, because Bun's channel has no `hasSubscribers` of its own.
function isHeard({ start, end, asyncStart, asyncEnd, error }: Channel): boolean {
  return (
    start.hasSubscribers ||
    end.hasSubscribers ||
    asyncStart.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    error.hasSubscribers
  );
}

/**
 * The path that the engine derives from an address. The rules are those of `CallPath::of_address` in
 * src/engine/protocol/url.rs; a test compares the two.
 *
 * @param parts As in {@link CallSettings.path}.
 */
function pathOf(base: URL, parts: readonly string[], isFile: boolean): string {
  const given = parts
    .map((part, at) => [part, `{${part.slice("params.".length)}}`, ""][at % 3])
    .join("")
    .replace(/[?#].*/s, "");
  const path = below(base, given, isFile) ?? given;
  // The engine will reject this path, which may hold a password.
  if (path === "" || /^\/\/|^[^/]*:|[\\\p{Cc}]/u.test(path)) return "";
  return path.startsWith("/") ? path : `/${path}`;
}

/** The path of an absolute address below `baseUrl`. A file may be anywhere on its origin. */
function below({ origin, pathname }: URL, address: string, isFile: boolean): string | undefined {
  const [, scheme = "", host = "", rest = ""] = /^([^:]*):\/\/([^/]*)(.*)$/s.exec(address) ?? [];
  const kind = scheme.toLowerCase();
  const name = host.toLowerCase().replace(kind === "https" ? /:443$/ : /:80$/, "");
  if (`${kind}://${name}` !== origin) return undefined;
  const root = pathname.replace(/\/$/, "");
  if (rest.startsWith(`${root}/`)) return rest.slice(root.length);
  return isFile ? rest : undefined;
}

function addResult(trace: Trace, value: CallResult | JobSnapshot): void {
  if ("status" in value) {
    const { status, job } = value;
    add(trace, { status, jobId: job?.id, state: job?.state });
  } else {
    const { id, state } = value as JobSnapshot;
    add(trace, { jobId: id, state });
  }
}

function addError(trace: Trace, error: unknown): void {
  trace.error = error;
  if (!(error instanceof DeployError)) return;
  const { job, status } = error as DeployError & { status?: number };
  add(trace, { jobId: job?.id, status, state: job?.state });
}

function add(trace: Trace, known: { [Name in keyof Trace]?: Trace[Name] | undefined }): void {
  for (const [name, value] of Object.entries(known)) {
    if (value !== undefined) Object.assign(trace, { [name]: value });
  }
}
