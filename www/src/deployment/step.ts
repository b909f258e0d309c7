// Describes a workflow's call in words, and finds the step that it belongs to.

import type { CallOptions } from "ontap-select-deploy";
import type { Action } from "../watch.js";

interface Call extends Pick<CallOptions, "params" | "body"> {
  readonly method: string;
  /** A template such as `/clusters/{id}`. */
  readonly path: string;
}

/** A step by its name in the workflow; without targets, any unfinished step of that name. */
export interface Doing {
  readonly name: string;
  readonly targets?: readonly string[];
}

interface Described extends Pick<Action, "title" | "kind"> {
  /** The timeline shows it. The many synchronous calls are hidden unless one becomes a job. */
  readonly isShown: boolean;
  readonly doing: Doing;
}

/** The members of a body that matter here. */
interface Body {
  readonly hostname?: string;
  readonly availability?: string;
  readonly admin_password?: string;
  readonly hosts?: readonly { readonly name: string }[];
  readonly host_networks?: readonly { readonly host_name: string }[];
}

/**
 * @param cluster the name of the call's cluster, if it has one
 * @param nodes the ids of the nodes that were configured so far, in order
 */
export function stepOf(
  { method, path, params = {}, body }: Call,
  cluster: string,
  nodes: string[],
): Described {
  const {
    hostname = "",
    availability,
    admin_password,
    hosts = [],
    host_networks = [],
  } = Object(body) as Body;
  const [, collection, , below] = path.split("/");
  switch (collection) {
    case "security":
      return shown(`Add login for ${hostname}`, "login", [hostname]);
    case "licensing":
      return shown("Upload license", "license");
    case "network": {
      const checked = listed(host_networks.map(({ host_name }) => host_name));
      return shown(`Check network of ${checked}`, "network", [checked]);
    }
    case "hosts": {
      if (method === "DELETE") return quiet("Remove failed host", "host");
      const names = hosts.map(({ name }) => name);
      return shown(`Add ${listed(names)}`, "host", names, "host");
    }
  }
  const targets = [cluster];
  if (below === "nodes") {
    const node = String(params.node);
    if (!nodes.includes(node)) nodes.push(node);
    return quiet(`Configure node ${nodes.indexOf(node) + 1} of ${cluster}`, "node");
  }
  if (below === "deploy") return shown(`Deploy cluster ${cluster}`, "deploy", targets, "deploy");
  if (method === "DELETE") return shown(`Delete cluster ${cluster}`, "delete", targets, "delete");
  if (method === "POST") return shown(`Create cluster ${cluster}`, "cluster", targets);
  if (availability === "powered_off")
    return shown(`Power off cluster ${cluster}`, "power off", targets, "off");
  if (availability === "powered_on") return shown(`Power on cluster ${cluster}`, "power on", targets);
  if (admin_password !== undefined) return shown(`Resize cluster ${cluster}`, "resize");
  return quiet(`Configure cluster ${cluster}`, "cluster", targets);
}

function shown(title: string, name: string, targets?: readonly string[], kind?: Action["kind"]): Described {
  return { ...quiet(title, name, targets), ...(kind && { kind }), isShown: true };
}

function quiet(title: string, name: string, targets?: readonly string[]): Described {
  return { title, isShown: false, doing: { name, ...(targets && { targets }) } };
}

/** `host esx-1`, `hosts esx-1 and esx-2`, `hosts esx-1 and 3 more`. */
export function listed(names: readonly string[]): string {
  const [first = "", second = ""] = new Set(names);
  const count = new Set(names).size;
  if (count === 1) return `host ${first}`;
  return count === 2 ? `hosts ${first} and ${second}` : `hosts ${first} and ${count - 1} more`;
}

const titles: Readonly<Record<string, (target: string) => string>> = {
  login: (target) => `Login for ${target}`,
  host: (target) => `Host ${target}`,
  cluster: (target) => `Cluster ${target}`,
  node: (target) => `Node ${target}`,
  deploy: (target) => `Deploy cluster ${target}`,
  "power off": (target) => `Power off cluster ${target}`,
  "power on": (target) => `Power on cluster ${target}`,
  delete: (target) => `Delete cluster ${target}`,
  resize: (target) => `Resize node ${target}`,
  license: (target) => `License ${target}`,
  network: (target) => `Network of ${target}`,
};

/** A step's title in the list. */
export function titleOf(name: string, target: string): string {
  return titles[name]?.(target) ?? `${name} ${target}`;
}

/** Whether a step is an action, such as a deploy, and not an object. */
export function isDeed(name: string): boolean {
  return ["deploy", "power off", "power on", "delete", "resize"].includes(name);
}
