// Chooses the proxy of a request, from the option or the environment.

import { BlockList, isIP } from "node:net";

/** A proxy and its credential. */
export interface ProxyServer {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** `Basic …`, or undefined. */
  readonly authorization: string | undefined;
  /** The address without the credential, for messages. */
  readonly shown: string;
}

/** The proxy for an address; undefined for a direct connection. */
export type ProxyFor = (url: URL) => ProxyServer | undefined;

const DEFAULT_PORTS: Record<string, number> = { "http:": 80, "https:": 443 };

/** The port of an address, including the default one. */
export function portOf({ port, protocol }: URL): number {
  return port === "" ? (DEFAULT_PORTS[protocol] ?? 0) : Number(port);
}

/** The host of an address for a socket: an IPv6 address without brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}

/**
 * Reads the option and the environment once.
 *
 * @throws TypeError that names the option or the variable, without its value, which may hold a password.
 */
export function proxyRule(option: unknown, env: NodeJS.ProcessEnv): ProxyFor {
  if (option === false) return () => undefined;
  if (option !== undefined) {
    const proxy = readProxy("proxy", option);
    return () => proxy;
  }
  const named = (name: string): ProxyServer | undefined => {
    const lower = env[name.toLowerCase()];
    // A web server passes the request header "Proxy" to a CGI program in this variable.
    const upper = name === "HTTP_PROXY" && env.REQUEST_METHOD ? undefined : env[name];
    const found = lower || upper;
    return found ? readProxy(lower ? name.toLowerCase() : name, found) : undefined;
  };
  const [http, https] = [named("HTTP_PROXY"), named("HTTPS_PROXY")];
  if (!http && !https) return () => undefined;
  const isExcepted = exceptions(env.no_proxy || env.NO_PROXY || "");
  return (url) => (isExcepted(url) ? undefined : url.protocol === "https:" ? https : http);
}

function readProxy(from: string, given: unknown): ProxyServer {
  const expected = `${from}: expected the address of a proxy, such as http://proxy.example.com:3128`;
  if (typeof given !== "string") throw new TypeError(`${expected}, or false for none`);
  const written = given.trim();
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z\d+.-]*:\/\//i.test(written) ? written : `http://${written}`);
  } catch {
    // The parser's own error would show the address.
    throw new TypeError(expected);
  }
  const { protocol, username, password } = url;
  if (!(protocol in DEFAULT_PORTS))
    throw new TypeError(`${expected}, that begins with http: or https:, not ${protocol}`);
  let authorization: string | undefined;
  if (username !== "" || password !== "") {
    try {
      const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
      authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
    } catch {
      throw new TypeError(`${from}: expected a credential that is percent-encoded correctly`);
    }
  }
  const shown = `${protocol}//${url.host}`;
  return { secure: protocol === "https:", host: hostOf(url), port: portOf(url), authorization, shown };
}

/**
 * Reads NO_PROXY as curl does. An entry is a name, which includes its subdomains and may begin with a dot or `*.`, an
 * address or a network (`10.0.0.0/8`), each with an optional port. `*` means every host.
 */
function exceptions(list: string): (url: URL) => boolean {
  const rules = list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(exception);
  return (url) => {
    const host = hostOf(url).toLowerCase().replace(/\.$/, "");
    const port = portOf(url);
    return rules.some((rule) => rule(host, port));
  };
}

type Exception = (host: string, port: number) => boolean;

function exception(written: string): Exception {
  if (written === "*") return () => true;
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:]*|.*:.*:.*?))(?::(\d+))?$/.exec(written) ?? [];
  const name = bracketed ?? plain ?? written;
  const asAddress = isIP(written) ? written : name;
  const port = isIP(written) || digits === undefined ? undefined : Number(digits);
  const matches = hostRule(asAddress);
  return (host, other) => (port === undefined || port === other) && matches(host);
}

function hostRule(name: string): (host: string) => boolean {
  const [network = "", bits] = name.split("/");
  const family = isIP(network);
  if (family) {
    const kind = family === 6 ? "ipv6" : "ipv4";
    const list = new BlockList();
    const width = family === 6 ? 128 : 32;
    const prefix = bits === undefined ? width : Number(bits);
    if (!(Number.isInteger(prefix) && prefix >= 0 && prefix <= width)) return () => false;
    list.addSubnet(network, prefix, kind);
    return (host) => isIP(host) === family && list.check(host, kind);
  }
  const suffix = name.replace(/^\*?\.+/, "").replace(/\.$/, "");
  if (suffix === "") return () => false;
  return (host) => host === suffix || (!isIP(host) && host.endsWith(`.${suffix}`));
}
