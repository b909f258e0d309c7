// One node of a cluster: where it runs, and what it takes there.

import { el, setText } from "../dom.js";
import { type Field, input, select, setOptions } from "../fields.js";
import { fromTebibytes, inWords, toTebibytes } from "./capacity.js";
import type { Equipment } from "./facts.js";
import type { PlanNetwork, PlanNode, Purpose } from "./plan.js";

const sizes = [
  ["small", "Small"],
  ["medium", "Medium"],
  ["large", "Large"],
  ["xlarge", "Extra large"],
] as const;

const words: Record<Purpose, string> = {
  mgmt: "Management network",
  data: "Data network",
  internal: "Internal network",
};

/** Which of a host's networks is proposed: the first whose name fits. */
const fitting: Record<Purpose, RegExp> = {
  mgmt: /mgmt|manage|extern/i,
  data: /data|extern/i,
  internal: /intern/i,
};

const usualCapacity = 2 * 2 ** 40;
const evaluation = "";

/** What there is to choose from, for all nodes. */
export interface Choices {
  /** Names of hosts, and how each is shown. */
  readonly hosts: readonly (readonly [name: string, text: string])[];
  readonly licenses: readonly string[];
  /** What is known of a host. */
  readonly equipment: (host: string) => Equipment | undefined;
  readonly purposes: readonly Purpose[];
}

interface NetworkFields {
  readonly name: Field<HTMLSelectElement>;
  readonly vlan: Field<HTMLInputElement>;
  readonly block: HTMLElement;
}

export class NodeCard {
  readonly element: HTMLFieldSetElement;
  readonly #legend = el("legend", { class: "node__title" });
  readonly #host = select("Host", []);
  readonly #size = select("Instance type", sizes);
  readonly #ip = input("IP address", { inputmode: "decimal", spellcheck: "false" });
  readonly #license = select("License", []);
  readonly #networks: Record<Purpose, NetworkFields>;
  readonly #pool = select("Storage pool", []);
  readonly #capacity = input("Capacity in TiB", {
    type: "number",
    min: 0,
    step: "any",
    inputmode: "decimal",
  });
  readonly #missing = el("p", { class: "node__missing" });
  #purposes: readonly Purpose[] = [];
  /** The host whose networks and pools are offered. */
  #offered: string | undefined;
  /** What a plan left out stays empty, to be seen as its fault. */
  #keepsGaps = false;
  /** What of a plan the form does not show. */
  #rest: Partial<PlanNode> = {};
  #pools: PlanNode["storage"] | undefined;

  constructor(onChange: () => void) {
    this.#networks = { mgmt: network("mgmt"), data: network("data"), internal: network("internal") };
    const networks = Object.values(this.#networks).map(({ block }) => block);
    this.element = el(
      "fieldset",
      { class: "node" },
      this.#legend,
      el("div", { class: "cells" }, this.#host.block, this.#ip.block, this.#size.block, this.#license.block),
      this.#missing,
      el(
        "div",
        { class: "pairs" },
        ...networks,
        el("div", { class: "pair pair--pool" }, this.#pool.block, this.#capacity.block),
      ),
    );
    this.element.addEventListener("change", onChange);
  }

  set title(text: string) {
    setText(this.#legend, text);
  }

  get host(): string {
    return this.#host.control.value;
  }

  /** Fills in what a plan says of the node; with `keepsGaps` nothing is proposed where it says nothing. */
  fill(node: PlanNode, keepsGaps: boolean): void {
    const { host_name, ip, instance_type, license, networks, storage, ...rest } = node;
    this.#rest = rest;
    this.#pools = storage;
    this.#keepsGaps = keepsGaps;
    this.#offered = undefined;
    put(this.#host.control, host_name ?? "");
    this.#ip.control.value = ip ?? "";
    put(this.#size.control, instance_type ?? "");
    put(this.#license.control, license ?? evaluation);
    for (const { purpose, name, vlan } of networks ?? []) {
      const fields = this.#networks[purpose];
      if (!fields) continue;
      put(fields.name.control, name ?? "");
      fields.vlan.control.value = vlan === undefined || vlan === null ? "" : String(vlan);
    }
    const [pool] = storage?.pools ?? [];
    put(this.#pool.control, pool?.name ?? "");
    this.#capacity.control.value = pool?.capacity === undefined ? "" : toTebibytes(pool.capacity);
  }

  /** Proposes the host at this place of the list, where it has none of the list, and an address. */
  propose(hosts: readonly string[], at: number, ip: string): void {
    if (this.#keepsGaps) return;
    if (!hosts.includes(this.host)) put(this.#host.control, hosts[at % (hosts.length || 1)] ?? "");
    if (this.#ip.control.value === "") this.#ip.control.value = ip;
  }

  set ip(address: string) {
    this.#ip.control.value = address;
  }

  /** What there is to choose from. What is chosen stays, also where it is not there: then it is a fault. */
  offer({ hosts, licenses, equipment, purposes }: Choices, taken: (pool: string) => number): void {
    this.#purposes = purposes;
    for (const [purpose, { block }] of Object.entries(this.#networks)) {
      block.hidden = !purposes.some((one) => one === purpose);
    }
    offerNames(this.#host.control, hosts);
    const chosen = this.#license.control.value;
    setOptions(this.#license.control, [
      [evaluation, "Evaluation"],
      ...[...new Set([...licenses, ...(chosen ? [chosen] : [])])].map((serial) => [serial, serial] as const),
    ]);

    const host = this.host;
    const has = equipment(host);
    setText(
      this.#missing,
      has || host === ""
        ? ""
        : `Deploy has not added ${host} yet. Its networks and storage pools can be chosen once it has.`,
    );
    const isOther = this.#offered !== undefined && this.#offered !== host;
    this.#offered = has ? host : undefined;
    const mayPropose = isOther || !this.#keepsGaps;
    const networkNames = has?.networks ?? [];
    for (const purpose of purposes) {
      const { control } = this.#networks[purpose].name;
      const proposed = networkNames.find((name) => fitting[purpose].test(name)) ?? networkNames[0];
      const isGone = isOther && !networkNames.includes(control.value);
      if (mayPropose && proposed && (control.value === "" || isGone)) put(control, proposed);
      offerNames(
        control,
        networkNames.map((name) => [name, name]),
      );
    }

    const pools = (has?.pools ?? []).map(({ name, free }) => ({ name, free, left: free - taken(name) }));
    const most = pools.reduce((best, pool) => (pool.left > best.left ? pool : best), pools[0] ?? noPool);
    const pool = this.#pool.control;
    const isPoolGone = isOther && !pools.some(({ name }) => name === pool.value);
    if (mayPropose && most.name && (pool.value === "" || isPoolGone)) put(pool, most.name);
    offerNames(
      pool,
      pools.map(({ name, free }) => [name, `${name} (${inWords(free)} free)`]),
    );
    if (mayPropose && most.name && this.#capacity.control.value === "" && !this.#hasDisks) {
      const left = pools.find(({ name }) => name === pool.value)?.left ?? 0;
      if (left > 0) this.#capacity.control.value = toTebibytes(Math.min(usualCapacity, left));
    }
  }

  /** With software RAID the disks say how much there is. */
  get #hasDisks(): boolean {
    const { disks = this.#pools?.disk } = this.#pools ?? {};
    return disks !== undefined && disks.length > 0;
  }

  get pool(): { readonly name: string; readonly capacity: number } {
    return { name: this.#pool.control.value, capacity: fromTebibytes(this.#capacity.control.value) || 0 };
  }

  get value(): PlanNode {
    const license = this.#license.control.value;
    const capacity = fromTebibytes(this.#capacity.control.value);
    const { pools = [], ...storage } = this.#pools ?? {};
    const pool = { name: this.#pool.control.value, ...(!Number.isNaN(capacity) && { capacity }) };
    return {
      ...this.#rest,
      host_name: this.host,
      ip: this.#ip.control.value.trim(),
      instance_type: this.#size.control.value,
      ...(license && { license }),
      networks: this.#purposes.map((purpose): PlanNetwork => {
        const { name, vlan } = this.#networks[purpose];
        const id = vlan.control.value;
        return { purpose, name: name.control.value, vlan: id === "" ? null : Number(id) };
      }),
      storage: { ...storage, pools: [pool, ...pools.slice(1)] },
    };
  }

  /** The fields by their places in a plan. */
  fields(index: number): [string, Field][] {
    const place = `nodes[${index}]`;
    const networks = this.#purposes.flatMap((purpose, at): [string, Field][] => [
      [`${place}.networks[${at}].name`, this.#networks[purpose].name],
      [`${place}.networks[${at}].vlan`, this.#networks[purpose].vlan],
    ]);
    return [
      [`${place}.host_name`, this.#host],
      [`${place}.ip`, this.#ip],
      [`${place}.instance_type`, this.#size],
      [`${place}.license`, this.#license],
      [`${place}.storage.pools[0].name`, this.#pool],
      [`${place}.storage.pools[0].capacity`, this.#capacity],
      ...networks,
    ];
  }
}

const noPool = { name: "", free: 0, left: Number.NEGATIVE_INFINITY };

function network(purpose: Purpose): NetworkFields {
  const name = select(words[purpose], []);
  const vlan = input("VLAN", { type: "number", min: 0, max: 4094, inputmode: "numeric" });
  // The label is read with the network's, and needs no more room than this.
  vlan.control.setAttribute("aria-label", `VLAN of the ${words[purpose].toLowerCase()}`);
  return { name, vlan, block: el("div", { class: "pair" }, name.block, vlan.block) };
}

/** Chooses a value, which becomes one of the list where it is none. */
function put(control: HTMLSelectElement, value: string): void {
  const isThere = [...control.options].some((option) => option.value === value);
  if (!isThere) control.append(el("option", { value }, value || "–"));
  control.value = value;
}

/** Offers names, and what is chosen, whether it is one of them or not. */
function offerNames(control: HTMLSelectElement, names: readonly (readonly [string, string])[]): void {
  const chosen = control.value;
  const isThere = names.some(([name]) => name === chosen);
  setOptions(control, isThere ? names : [[chosen, chosen || "–"], ...names]);
}
