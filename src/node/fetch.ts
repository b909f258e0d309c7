// `nodeFetch`: what `fetch` takes, made into one request to one server.
//
// It stands on node:net and node:tls, with HTTP/1.1 of its own (http1.ts). In first drafts of each, 200 jobs with a poll
// each took 0.55 of the processor time of bare `fetch` that way, 0.70 over node:http and 0.80 over undici's dispatcher.

import { AsyncResource } from "node:async_hooks";
import { outgoing } from "./bodies.js";
import { open } from "./connect.js";
import { ENCODINGS } from "./decoding.js";
import { fetchFailed, notConnected } from "./errors.js";
import { Exchange, reasonOf, type Sent } from "./exchange.js";
import { type Settings, settingsOf } from "./options.js";
import { OWN_HEADERS } from "./own-headers.js";
import { Pool } from "./pool.js";
import type { NodeFetch, NodeFetchOptions } from "./types.js";

/**
 * A `fetch` for `fetch` of a client's options, for servers with certificates of their own, behind proxies, and with less
 * processor time than Node's.
 *
 * It keeps connections alive for as long as servers do, at most 256 to one server, and takes every kind of body that
 * `fetch` does, files from disk without reading them whole. It follows no redirect: under `redirect: "manual"`, as the
 * client asks for, one comes as it is, otherwise it is an error. It keeps no cookies and no cache. It has no time-out
 * of its own but 10 seconds for a connection; the client has them.
 *
 * A request that fails rejects with a `TypeError` whose `cause` has Node's `code`. Where nothing was sent the client
 * says so: `error.sent === false`.
 *
 * @throws TypeError for an option that cannot be; it names the option
 *
 * @example
 * ```ts
 * import { DeployClient } from "ontap-select-deploy";
 * import { nodeFetch } from "ontap-select-deploy/node";
 *
 * const fetch = nodeFetch({ ca: readFileSync("deploy.crt") });
 * const deploy = new DeployClient({ baseUrl: "https://deploy.example.com/api", auth, fetch });
 * ```
 */
export function nodeFetch(options: NodeFetchOptions = {}): NodeFetch {
  const settings = settingsOf(options, process.env);
  const pools = new Map<string, Pool>();
  // A client asks one server: its pool is found without an origin being put together.
  let last: { readonly host: string; readonly protocol: string; readonly pool: Pool } | undefined;
  let isClosed = false;

  function poolFor(url: URL): Pool {
    const { host, protocol } = url;
    if (last?.host === host && last.protocol === protocol) return last.pool;
    let pool = pools.get(url.origin);
    if (!pool) {
      const { trust, proxyContext } = settings;
      const route = { url: new URL(url.origin), proxy: settings.proxyFor(url), trust, proxyContext };
      pool = new Pool((done) => open(route, done));
      pools.set(url.origin, pool);
    }
    last = { host, protocol, pool };
    return pool;
  }

  function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    return new Promise((resolve, reject) => {
      const sent = read(input, init, settings);
      if (sent.signal?.aborted) throw reasonOf(sent.signal);
      if (isClosed) throw fetchFailed(notConnected("this nodeFetch was closed", "ERR_FETCH_CLOSED"));
      // In the async context of the call: it is the connection's own that calls back.
      const onUpload = settings.onUpload && AsyncResource.bind(settings.onUpload);
      new Exchange(sent, poolFor(sent.url), onUpload, resolve, reject).start();
    });
  }

  async function close(): Promise<void> {
    isClosed = true;
    await Promise.all([...pools.values()].map((pool) => pool.close()));
  }
  return Object.assign(fetch as typeof globalThis.fetch, { close });
}

const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const USUAL_METHODS = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH"]);

function read(input: string | URL | Request, given: RequestInit | undefined, settings: Settings): Sent {
  let init = given ?? {};
  let address = input;
  if (typeof input === "object" && !(input instanceof URL) && "url" in input) {
    // The platform merges the two, and takes the body over.
    const request = new Request(input, given);
    const { method, headers, body, redirect, signal } = request;
    address = request.url;
    init = { method, headers, redirect, signal, body: given?.body ?? body, duplex: "half" } as RequestInit;
  }
  const url = parse(String(address));
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new TypeError(`expected an address that begins with https: or http:, not ${url.protocol}`);
  if (url.username !== "" || url.password !== "")
    throw new TypeError("expected an address without a credential: it goes into a header");
  if (settings.trust.fingerprints.length > 0 && url.protocol === "http:") {
    const message =
      "fingerprint256: expected an address that begins with https:, since http: shows no certificate";
    throw fetchFailed(notConnected(message, "ERR_FETCH_NO_CERTIFICATE"));
  }
  const method = methodOf(init.method);
  const body = outgoing(init.body, (init as { duplex?: unknown }).duplex);
  if (body && (method === "GET" || method === "HEAD"))
    throw new TypeError(`body: expected none, since the method is ${method}`);
  const proxy = url.protocol === "http:" ? settings.proxyFor(url) : undefined;
  // A proxy needs the whole address.
  const target = `${proxy ? url.origin : ""}${url.pathname}${url.search}`;
  let head = `${method} ${target} HTTP/1.1\r\n${headers(init.headers, url, body?.type)}`;
  if (proxy?.authorization) head += `proxy-authorization: ${proxy.authorization}\r\n`;
  return {
    url,
    method,
    head,
    body,
    redirect: init.redirect ?? "follow",
    signal: init.signal ?? undefined,
    reader: proxy,
  };
}

function parse(address: string): URL {
  try {
    return new URL(address);
  } catch {
    // The parser's own error shows the address, with its query.
    throw new TypeError("expected an absolute address");
  }
}

function methodOf(given = "GET"): string {
  const upper = String(given).toUpperCase();
  if (USUAL_METHODS.has(upper)) return upper;
  if (!METHOD.test(given) || ["CONNECT", "TRACE", "TRACK"].includes(upper))
    throw new TypeError("method: expected one that fetch sends");
  return given;
}

/** The lines of the headers: the caller's, and what `fetch` adds where the caller says nothing. */
function headers(given: HeadersInit | undefined, url: URL, type: string | undefined): string {
  const all = given instanceof Headers ? given : new Headers(given);
  let lines = "";
  let has = 0;
  all.forEach((value, name) => {
    if (OWN_HEADERS.has(name)) return;
    has |= DEFAULTS[name] ?? 0;
    lines += `${name}: ${value}\r\n`;
  });
  if (!(has & HOST)) lines = `host: ${url.host}\r\n${lines}`;
  if (!(has & ACCEPT)) lines += "accept: */*\r\n";
  if (!(has & ENCODING)) lines += `accept-encoding: ${ENCODINGS}\r\n`;
  if (!(has & AGENT)) lines += "user-agent: node\r\n";
  if (type !== undefined && !(has & TYPE)) lines += `content-type: ${type}\r\n`;
  return `${lines}connection: keep-alive\r\n`;
}

const [HOST, ACCEPT, ENCODING, AGENT, TYPE] = [1, 2, 4, 8, 16];
const DEFAULTS: Record<string, number> = {
  host: HOST,
  accept: ACCEPT,
  "accept-encoding": ENCODING,
  "user-agent": AGENT,
  "content-type": TYPE,
};
