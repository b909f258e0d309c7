// Checks a plan, accepts the variants of NetApp's sample and converts capacities to bytes.

import type { ClusterPlan } from "../js/api.js";
import { bytesOf, unitOf } from "./capacity.js";
import { type Mistake, PlanError } from "./errors.js";
import { isObject } from "./run.js";

export interface Plan {
  readonly vcenter: Login | undefined;
  readonly hosts: readonly Host[];
  readonly cluster: Cluster;
  readonly nodes: readonly Node[];
}

export interface Login {
  readonly hostname: string;
  readonly username: string;
  readonly password: string;
}

export interface Host {
  readonly name: string;
  readonly type: "ESX" | "KVM";
  readonly vcenter: string | undefined;
  /** The login of a host without a vCenter; absent if Deploy already has it. */
  readonly login: Login | undefined;
}

export interface Cluster {
  readonly name: string;
  readonly password: string;
  /** The body for Deploy, without its name. */
  readonly description: Readonly<Record<string, unknown>>;
}

export type Purpose = "mgmt" | "data" | "internal";

export interface Node {
  readonly name: string | undefined;
  readonly host: string;
  readonly ip: string;
  /** The body for Deploy, without its host. */
  readonly description: Readonly<Record<string, unknown>>;
  readonly license: string | undefined;
  readonly networks: readonly Network[];
  readonly pools: readonly Pool[];
  readonly disks: readonly Disk[];
}

export interface Network {
  readonly purpose: Purpose;
  readonly name: string | undefined;
  readonly vlan: number | undefined;
  /** Its place in the plan. */
  readonly place: string;
}

export interface Pool {
  readonly name: string;
  /** In bytes; absent if the disks define it. */
  readonly capacity: number | undefined;
  /** The unit that the plan uses, such as `TiB`. */
  readonly unit?: string | undefined;
}

export interface Disk {
  readonly name: string;
}

/** Since Deploy 9.15.1 also 10 and 12. */
const NODE_COUNTS = [1, 2, 4, 6, 8, 10, 12];
export const INSTANCE_TYPES = ["small", "medium", "large", "xlarge"];
const LARGEST_VLAN = 4094;
/** The limit of hosts, networks, pools and disks. A VM manages at most 400 nodes. */
const MOST_ENTRIES = 400;
const PURPOSES = ["mgmt", "data", "internal"] as const;

/**
 * Returns the mistakes in a plan that can be found without the VM. Empty if there are none.
 *
 * @example
 * ```ts
 * for (const { place, problem } of checkPlan(plan)) console.error(place, problem);
 * ```
 */
export function checkPlan(plan: ClusterPlan): readonly Mistake[] {
  return new Reading(plan).mistakes;
}

/** @throws PlanError with all mistakes. */
export function readPlan(plan: unknown): Plan {
  const { mistakes, plan: read } = new Reading(plan);
  if (mistakes.length > 0) throw new PlanError(mistakes);
  return read;
}

type Members = Readonly<Record<string, unknown>>;

/** Reads the whole plan and collects every mistake. */
class Reading {
  readonly mistakes: Mistake[] = [];
  readonly plan: Plan;
  /** Places that are not an object or list. Their members are not reported as missing. */
  readonly #unread: string[] = [];

  constructor(given: unknown) {
    const plan: Members = isObject(given) ? given : this.#wrong("plan", "must be an object", {});
    if (plan !== given) this.#unread.push("plan");
    const hosts = this.#objects("hosts", plan.hosts).map(([host, place]) => this.#host(host, place));
    const nodes = this.#objects("nodes", plan.nodes);
    const count = nodes.length;
    if (Array.isArray(plan.nodes) && !NODE_COUNTS.includes(count)) {
      const usual = NODE_COUNTS.slice(0, -1).join(", ");
      this.#wrong("nodes", `must have ${usual} or ${NODE_COUNTS.at(-1)} entries, not ${count}`, undefined);
    }
    this.plan = {
      vcenter: isAbsent(plan.vcenter) ? undefined : this.#vcenter(this.#object("vcenter", plan.vcenter)),
      hosts,
      cluster: this.#cluster(this.#object("cluster", plan.cluster), count),
      nodes: nodes.map(([node, place]) => this.#node(node, place, hosts, count)),
    };
    this.#checkNames();
    this.#checkAddresses();
  }

  #vcenter(vcenter: Members): Login {
    return {
      hostname: this.#text("vcenter.hostname", vcenter.hostname),
      username: this.#text("vcenter.username", vcenter.username),
      password: this.#text("vcenter.password", vcenter.password),
    };
  }

  #host(host: Members, place: string): Host {
    const name = this.#text(`${place}.name`, host.name);
    const type = host.type === "KVM" ? "KVM" : "ESX";
    if (host.type !== type)
      this.#wrong(`${place}.type`, isAbsent(host.type) ? "is missing" : "must be ESX or KVM", undefined);
    const vcenter = this.#optionalText(`${place}.mgmt_server`, host.mgmt_server);
    if (type === "KVM" && vcenter)
      this.#wrong(
        `${place}.mgmt_server`,
        "is for ESX hosts only; a vCenter cannot manage a KVM host",
        undefined,
      );
    // NetApp's script reads one name, and its input files have the other.
    const used = isAbsent(host.username) && !isAbsent(host.user) ? "user" : "username";
    const user = this.#either(host, "username", "user", place);
    const isNeeded = vcenter === undefined && (!isAbsent(user) || !isAbsent(host.password));
    const read = (at: string, value: unknown) =>
      isNeeded ? this.#text(at, value) : this.#optionalText(at, value);
    const username = read(`${place}.${used}`, user) ?? "";
    const password = read(`${place}.password`, host.password) ?? "";
    const login = isNeeded ? { hostname: name, username, password } : undefined;
    return { name, type, vcenter, login };
  }

  #cluster(cluster: Members, count: number): Cluster {
    const name = this.#text("cluster.name", cluster.name);
    if (name !== "") this.#letters("cluster.name", name);
    const ip = this.#address("cluster.ip", cluster.ip);
    const netmask = this.#text("cluster.netmask", cluster.netmask);
    if (netmask !== "" && !isNetmask(netmask)) {
      this.#wrong("cluster.netmask", "must be a netmask such as 255.255.255.0", undefined);
    }
    const gateway = this.#address("cluster.gateway", cluster.gateway);
    const version = this.#optionalText("cluster.ontap_image_version", cluster.ontap_image_version);
    const dns = isAbsent(cluster.dns_info) ? undefined : this.#object("cluster.dns_info", cluster.dns_info);
    const domains = this.#texts("cluster.dns_info.domains", dns?.domains);
    const servers = this.#texts("cluster.dns_info.dns_ips", dns?.dns_ips, (place, value) =>
      this.#address(place, value),
    );
    const ntp_servers = this.#texts("cluster.ntp_servers", cluster.ntp_servers);
    return {
      name,
      password: this.#text("cluster.ontap_admin_password", cluster.ontap_admin_password),
      description: defined({
        ip,
        gateway,
        netmask,
        ontap_image_version: version,
        dns_info: dns && { domains: domains ?? [], dns_ips: servers ?? [] },
        ntp_servers,
        mtu: this.#mtu(cluster.mtu, count),
      }),
    };
  }

  #letters(place: string, name: string): void {
    const expected = "must be at most 44 letters, digits, hyphens, underscores and periods";
    if (!/^[\w.-]{1,44}$/.test(name)) this.#wrong(place, expected, undefined);
  }

  #mtu(mtu: unknown, count: number): number | undefined {
    if (isAbsent(mtu)) return undefined;
    if (!isWhole(mtu, 7500, 9000)) {
      return this.#wrong("cluster.mtu", "must be a whole number, 7500 to 9000", undefined);
    }
    if (count === 1) this.#wrong("cluster.mtu", "is for clusters with more than one node", undefined);
    return mtu;
  }

  #node(node: Members, place: string, hosts: readonly Host[], count: number): Node {
    const host = this.#text(`${place}.host_name`, node.host_name);
    const runsOn = hosts.find(({ name }) => name === host);
    if (host !== "" && !runsOn && !this.#unread.includes("hosts"))
      this.#wrong(`${place}.host_name`, "is not one of the hosts", undefined);
    const instance_type = this.#text(`${place}.instance_type`, node.instance_type);
    if (instance_type !== "" && !INSTANCE_TYPES.includes(instance_type)) {
      this.#wrong(`${place}.instance_type`, `must be one of ${INSTANCE_TYPES.join(", ")}`, undefined);
    }
    const name = this.#optionalText(`${place}.name`, node.name);
    if (name) this.#letters(`${place}.name`, name);
    const ip = this.#address(`${place}.ip`, node.ip);
    const license = this.#serial(`${place}.license`, node.license);
    const serial_number = this.#serial(`${place}.serial_number`, node.serial_number);
    const efficient = node.is_storage_efficiency_enabled;
    if (!isAbsent(efficient) && typeof efficient !== "boolean") {
      this.#wrong(`${place}.is_storage_efficiency_enabled`, "must be true or false", undefined);
    }
    const networks = this.#networks(node, place, runsOn?.type, count);
    const { pools, disks } = this.#storage(
      this.#object(`${place}.storage`, node.storage),
      `${place}.storage`,
    );
    return {
      name,
      host,
      ip,
      license,
      networks,
      pools,
      disks,
      description: defined({
        name,
        instance_type,
        ip,
        passthrough_disks: disks.length > 0, // software RAID
        license: license === undefined ? undefined : { id: license },
        serial_number,
        is_storage_efficiency_enabled: efficient ?? undefined,
      }),
    };
  }

  #networks(node: Members, place: string, type: Host["type"] | undefined, count: number): Network[] {
    const networks = this.#objects(`${place}.networks`, node.networks).map(([network, at]) => {
      const purpose = PURPOSES.find((one) => one === network.purpose);
      if (!purpose) this.#wrong(`${at}.purpose`, `must be one of ${PURPOSES.join(", ")}`, undefined);
      const vlan = this.#vlan(`${at}.vlan`, network.vlan);
      // On a KVM host, the VLAN alone identifies a network.
      const isByVlan = type === "KVM" && vlan !== undefined && isAbsent(network.name);
      const name = isByVlan ? undefined : this.#text(`${at}.name`, network.name);
      return { purpose, name, vlan, place: at };
    });
    const needed = PURPOSES.filter((purpose) => count > 1 || purpose !== "internal");
    return needed.flatMap((purpose) => {
      const [first, second] = networks.filter((network) => network.purpose === purpose);
      if (!first && Array.isArray(node.networks))
        this.#wrong(`${place}.networks`, `has no ${purpose} network`, undefined);
      if (second) this.#wrong(`${second.place}.purpose`, `is a second ${purpose} network`, undefined);
      return first ? [{ ...first, purpose }] : [];
    });
  }

  #vlan(place: string, vlan: unknown): number | undefined {
    if (isAbsent(vlan) || vlan === "") return undefined;
    // In playbooks it is a string.
    const number = typeof vlan === "string" && /^\d+$/.test(vlan) ? Number(vlan) : vlan;
    if (isWhole(number, 0, LARGEST_VLAN)) return number;
    return this.#wrong(place, `must be a whole number, 0 to ${LARGEST_VLAN}`, undefined);
  }

  #storage(storage: Members, place: string): { pools: Pool[]; disks: Disk[] } {
    const used = isAbsent(storage.disks) && !isAbsent(storage.disk) ? "disk" : "disks";
    const given = this.#either(storage, "disks", "disk", place);
    const disks = isAbsent(given)
      ? []
      : this.#objects(`${place}.${used}`, given).map(([disk, at]) => ({
          name: this.#text(`${at}.name`, disk.name),
        }));
    const pools = this.#objects(`${place}.pools`, storage.pools).map(([pool, at]) => ({
      name: this.#text(`${at}.name`, pool.name),
      capacity: this.#capacity(`${at}.capacity`, pool.capacity, disks.length > 0),
      unit: unitOf(pool.capacity),
    }));
    if (Array.isArray(storage.pools) && pools.length === 0)
      this.#wrong(`${place}.pools`, "is empty", undefined);
    this.#unique(
      `${place}.pools`,
      "name",
      pools.map(({ name }) => name),
    );
    this.#unique(
      `${place}.${used}`,
      "name",
      disks.map(({ name }) => name),
    );
    return { pools, disks };
  }

  #capacity(place: string, capacity: unknown, isRaid: boolean): number | undefined {
    if (isAbsent(capacity)) return isRaid ? undefined : this.#wrong(place, "is missing", undefined);
    const bytes = bytesOf(capacity);
    if (bytes !== undefined) return bytes;
    return this.#wrong(
      place,
      "must be a whole number of bytes above 0, or a string such as 4.8 TB or 4 TiB",
      undefined,
    );
  }

  /** It has twenty digits, which a JSON number cannot hold. */
  #serial(place: string, serial: unknown): string | undefined {
    if (Number.isSafeInteger(serial)) return String(serial);
    if (typeof serial === "number")
      return this.#wrong(place, "must be a string: a number loses digits", undefined);
    return this.#optionalText(place, serial);
  }

  #checkNames(): void {
    const { hosts, nodes } = this.plan;
    this.#unique(
      "hosts",
      "name",
      hosts.map(({ name }) => name),
    );
    this.#unique(
      "nodes",
      "name",
      nodes.map(({ name }) => name ?? ""),
    );
  }

  #checkAddresses(): void {
    const { cluster, nodes } = this.plan;
    const { ip, gateway } = cluster.description as { ip: string; gateway: string };
    const taken = new Map([[ip.toLowerCase(), "the cluster"]]);
    const take = (place: string, address: string, owner: string) => {
      const other = address === "" ? undefined : taken.get(address.toLowerCase());
      if (other) this.#wrong(place, `is also the address of ${other}`, undefined);
      else taken.set(address.toLowerCase(), owner);
    };
    take("cluster.gateway", gateway, "the gateway");
    for (const [index, node] of nodes.entries()) take(`nodes[${index}].ip`, node.ip, `nodes[${index}]`);
  }

  #unique(place: string, member: string, names: readonly string[]): void {
    for (const [index, name] of names.entries()) {
      const isTaken = name !== "" && names.indexOf(name) < index;
      if (isTaken) this.#wrong(`${place}[${index}].${member}`, "is a duplicate", undefined);
    }
  }

  /** Reads a member that has two names. */
  #either(members: Members, name: string, other: string, place: string): unknown {
    const [one, two] = [members[name], members[other]];
    if (!isAbsent(one) && !isAbsent(two) && !isSame(one, two)) {
      this.#wrong(`${place}.${other}`, `differs from ${name}; remove one of the two`, undefined);
    }
    return isAbsent(one) ? two : one;
  }

  #object(place: string, value: unknown): Members {
    if (isObject(value)) return value;
    this.#wrong(place, isAbsent(value) ? "is missing" : "must be an object", undefined);
    this.#unread.push(place);
    return {};
  }

  /** The entries with their places. */
  #objects(place: string, value: unknown): (readonly [Members, string])[] {
    if (!Array.isArray(value)) {
      this.#wrong(place, isAbsent(value) ? "is missing" : "must be a list", undefined);
      this.#unread.push(place);
      return [];
    }
    if (value.length > MOST_ENTRIES) {
      this.#wrong(place, `has ${value.length} entries; the limit is ${MOST_ENTRIES}`, undefined);
    }
    // Array.from, because an array may have holes.
    return Array.from(value.slice(0, MOST_ENTRIES)).map(
      (entry, index) => [this.#object(`${place}[${index}]`, entry), `${place}[${index}]`] as const,
    );
  }

  #text(place: string, value: unknown): string {
    if (typeof value === "string" && value !== "") return value;
    return this.#wrong(place, isAbsent(value) || value === "" ? "is missing" : "must be a string", "");
  }

  #optionalText(place: string, value: unknown): string | undefined {
    return isAbsent(value) || value === "" ? undefined : this.#text(place, value);
  }

  #texts(
    place: string,
    value: unknown,
    check = (at: string, entry: unknown) => this.#text(at, entry),
  ): string[] | undefined {
    if (isAbsent(value)) return undefined;
    if (!Array.isArray(value)) return this.#wrong(place, "must be a list", undefined);
    return Array.from(value).map((entry, index) => check(`${place}[${index}]`, entry));
  }

  #address(place: string, value: unknown): string {
    const address = this.#text(place, value);
    if (address !== "" && !isAddress(address)) this.#wrong(place, "is not an IP address", undefined);
    return address;
  }

  /** Adds a mistake and returns a replacement value. */
  #wrong<T>(place: string, problem: string, instead: T): T {
    const isBelow = (whole: string) =>
      whole === "plan" || place.startsWith(`${whole}.`) || place.startsWith(`${whole}[`);
    if (!this.#unread.some(isBelow)) this.mistakes.push({ place, problem });
    return instead;
  }
}

/** The purposes of a node's networks, by the number of nodes. */
export function purposesOf(count: number): readonly Purpose[] {
  return PURPOSES.filter((purpose) => count > 1 || purpose !== "internal");
}

/** Whether two values are equal as JSON. */
function isSame(one: unknown, two: unknown): boolean {
  try {
    return JSON.stringify(one) === JSON.stringify(two);
  } catch {
    return false;
  }
}

/** In hand-written JSON, null means absent. */
function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function defined(members: Members): Members {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

const octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ipv4 = new RegExp(`^${octet}(\\.${octet}){3}$`);

function isAddress(text: string): boolean {
  return (
    ipv4.test(text) || (/^[\da-f:.]+$/i.test(text) && text.includes(":") && URL.canParse(`http://[${text}]/`))
  );
}

function isNetmask(text: string): boolean {
  return ipv4.test(text) && /^1+0+$/.test(bitsOf(text));
}

/** The 32 bits of an IPv4 address. */
export function bitsOf(address: string): string {
  const parts = address.split(".").map((part) => Number(part).toString(2).padStart(8, "0"));
  return parts.join("");
}

export function isIpv4(text: string): boolean {
  return ipv4.test(text);
}
