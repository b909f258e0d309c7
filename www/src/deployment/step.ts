// What a call of a plan does, in words.

import type { Action } from "../watch.js";

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** What of bodies is looked at. */
interface Body {
  readonly hostname?: string;
  readonly availability?: string;
  readonly hosts?: readonly { readonly name: string }[];
  readonly host_networks?: readonly { readonly host_name: string }[];
}

/** `cluster` is the name of the one that the call is about, if it is about one. */
export function stepOf({ method, path, body }: Call, cluster: string): Pick<Action, "title" | "kind"> {
  const { hostname, availability, hosts = [], host_networks = [] } = (body ?? {}) as Body;
  const [, collection, , below] = path.replace(/\?.*/, "").split("/");
  if (collection === "security") return { title: `Store the login for ${hostname}` };
  if (collection === "hosts") {
    return { title: `Add ${listed(hosts.map(({ name }) => name))}`, kind: "host" };
  }
  if (collection === "network") {
    return { title: `Check the network of ${listed(host_networks.map((one) => one.host_name))}` };
  }
  if (method === "DELETE") return { title: `Delete cluster ${cluster}`, kind: "delete" };
  if (below?.startsWith("deploy")) return { title: `Deploy cluster ${cluster}`, kind: "deploy" };
  if (method === "POST") return { title: `Create cluster ${cluster}` };
  if (availability === "powered_on") return { title: `Power on cluster ${cluster}` };
  if (availability === "powered_off") return { title: `Power off cluster ${cluster}`, kind: "off" };
  return { title: `Describe cluster ${cluster}` };
}

/** `host esx-1`, `hosts esx-1 and esx-2`, `hosts esx-1 and 3 more`. */
function listed(names: readonly string[]): string {
  const [first = "", second = ""] = new Set(names);
  const count = new Set(names).size;
  if (count === 1) return `host ${first}`;
  return count === 2 ? `hosts ${first} and ${second}` : `hosts ${first} and ${count - 1} more`;
}
