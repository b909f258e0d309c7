// The form for one node: its host, networks and storage.

import type {
  NewDisk,
  PlannedNetwork,
  PlannedNode,
  PlannedPool,
  PlannedStorage,
} from "ontap-select-deploy/api";
import { bytesOf, inWords } from "../../../src/workflows/capacity.js";
import type { Purpose } from "../../../src/workflows/plan.js";
import { button, el, setText } from "../dom.js";
import { type Field, input, select, setOptions } from "../fields.js";
import { capacityText, typedCapacity } from "./capacity.js";
import type { Equipment } from "./facts.js";
import { without } from "./plan.js";

export const sizes = [
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

/** The form proposes the first network whose name matches. */
const fitting: Record<Purpose, RegExp> = {
  mgmt: /mgmt|manage|extern/i,
  data: /data|extern/i,
  internal: /intern/i,
};

/** Bytes. */
const usualCapacity = 2 * 2 ** 40;
const evaluation = "";

/** The choices for all nodes. */
export interface Choices {
  /** Host names with their labels. */
  readonly hosts: readonly (readonly [name: string, text: string])[];
  readonly licenses: readonly string[];
  /** A host's networks and pools. */
  readonly equipment: (host: string) => Equipment | undefined;
  readonly purposes: readonly Purpose[];
}

interface PoolFields {
  readonly name: Field<HTMLSelectElement>;
  readonly capacity: Field<HTMLInputElement>;
  readonly remove: HTMLButtonElement;
  readonly block: HTMLElement;
  /** The pool as the plan has it. */
  readonly planned: PlannedPool | undefined;
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
  readonly #poolList = el("div", { class: "node__pools" });
  readonly #disks = el("p", { class: "field__hint" });
  readonly #onChange: () => void;
  #pools: PoolFields[] = [];
  readonly #missing = el("p", { class: "node__missing" });
  #purposes: readonly Purpose[] = [];
  /** The host whose networks and pools the form offers. */
  #offered: string | undefined;
  /** Values that the plan lacks stay empty, so that the form shows the error. */
  #keepsGaps = false;
  /** The plan's values that the form does not show. */
  #rest: Partial<PlannedNode> = {};
  #storage: Partial<PlannedStorage> = {};

  constructor(onChange: () => void) {
    this.#onChange = onChange;
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
        this.#poolList,
        this.#disks,
        el(
          "div",
          {},
          button("Add storage pool", "button button--small", () => {
            this.#addPool(undefined).name.control.focus();
            onChange();
          }),
        ),
      ),
    );
    this.#addPool(undefined);
    this.element.addEventListener("change", onChange);
  }

  set title(text: string) {
    setText(this.#legend, text);
  }

  get host(): string {
    return this.#host.control.value;
  }

  /** Fills in a planned node; with `keepsGaps`, missing values stay empty. */
  fill(node: PlannedNode, keepsGaps: boolean): void {
    const { host_name, ip, instance_type, license, networks, storage } = node;
    const { pools, ...rest } = storage;
    this.#rest = without(node, shown);
    this.#storage = rest;
    this.#keepsGaps = keepsGaps;
    this.#offered = undefined;
    put(this.#host.control, host_name ?? "");
    this.#ip.control.value = ip ?? "";
    put(this.#size.control, instance_type ?? "");
    put(this.#license.control, license ?? evaluation);
    for (const { purpose, name, vlan } of networks ?? []) {
      if (!isPurpose(purpose)) continue;
      const fields = this.#networks[purpose];
      put(fields.name.control, name ?? "");
      fields.vlan.control.value = vlan === undefined || vlan === null ? "" : String(vlan);
    }
    for (const { block } of this.#pools) block.remove();
    this.#pools = [];
    // A node without a pool is an error, so show an empty one to correct.
    for (const pool of pools.length > 0 ? pools : [undefined]) this.#addPool(pool);
    const disks = this.#plannedDisks;
    const names = disks.map(({ name }) => name).join(", ");
    setText(
      this.#disks,
      disks.length > 0 ? `Software RAID with ${counted(disks.length)} from the plan: ${names}.` : "",
    );
  }

  #addPool(planned: PlannedPool | undefined): PoolFields {
    const name = select("Storage pool", []);
    const capacity = input("Capacity (TiB)", { inputmode: "decimal", spellcheck: "false" });
    put(name.control, planned?.name ?? "");
    capacity.control.value = capacityText(planned?.capacity);
    const remove = button("Remove pool", "button button--small", () => {
      block.remove();
      this.#pools = this.#pools.filter((one) => one !== fields);
      this.#onChange();
    });
    const block = el("div", { class: "pair pair--pool" }, name.block, capacity.block, remove);
    const fields: PoolFields = { name, capacity, remove, block, planned };
    this.#pools.push(fields);
    this.#poolList.append(block);
    return fields;
  }

  /** Proposes an address, and the host at this index if the current one is not in the list. */
  propose(hosts: readonly string[], at: number, ip: string): void {
    if (this.#keepsGaps) return;
    if (!hosts.includes(this.host)) put(this.#host.control, hosts[at % (hosts.length || 1)] ?? "");
    if (this.#ip.control.value === "") this.#ip.control.value = ip;
  }

  set ip(address: string) {
    this.#ip.control.value = address;
  }

  /** Sets the choices. The chosen value stays even if it is not one of them; then it is an error. */
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
        : `Deploy has not added ${host} yet. You can choose its networks and storage pools afterwards.`,
    );
    const isOther = this.#offered !== undefined && this.#offered !== host;
    this.#offered = has ? host : undefined;
    const mayPropose = isOther || !this.#keepsGaps;
    const networkNames = (has?.networks ?? []).map(({ name }) => String(name));
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

    this.#offerPools(has, mayPropose, isOther, taken);
  }

  #offerPools(
    has: Equipment | undefined,
    mayPropose: boolean,
    isOther: boolean,
    taken: (pool: string) => number,
  ): void {
    const pools = (has?.pools ?? []).map(({ name, available_capacity }) => ({
      name: String(name),
      free: Number(available_capacity) || 0,
    }));
    const choices = pools.map(({ name, free }) => [name, `${name} (${inWords(free)} free)`] as const);
    const own = new Map<string, number>();
    for (const { name, capacity, remove } of this.#pools) {
      remove.hidden = this.#pools.length === 1;
      const left = pools.map((pool) => ({
        ...pool,
        left: pool.free - taken(pool.name) - (own.get(pool.name) ?? 0),
      }));
      const others = left.filter((pool) => !own.has(pool.name));
      const most = others.reduce((best, pool) => (pool.left > best.left ? pool : best), others[0] ?? noPool);
      const isGone = isOther && !pools.some((pool) => pool.name === name.control.value);
      if (mayPropose && most.name && (name.control.value === "" || isGone)) put(name.control, most.name);
      offerNames(name.control, choices);
      if (mayPropose && most.name && capacity.control.value === "" && this.#plannedDisks.length === 0) {
        const room = left.find((pool) => pool.name === name.control.value)?.left ?? 0;
        if (room > 0) capacity.control.value = capacityText(Math.min(usualCapacity, room));
      }
      const asked = bytesOf(typedCapacity(capacity.control.value)) ?? 0;
      own.set(name.control.value, (own.get(name.control.value) ?? 0) + asked);
    }
  }

  /** The disks for software RAID, which define the capacity. NetApp's sample has both `disk` and `disks`. */
  get #plannedDisks(): readonly NewDisk[] {
    const disks = this.#storage.disks ?? this.#storage.disk;
    return Array.isArray(disks) ? disks : [];
  }

  /** The node's capacity in each pool, in bytes. */
  get taken(): readonly { readonly name: string; readonly bytes: number }[] {
    return this.#pools.map(({ name, capacity }) => ({
      name: name.control.value,
      bytes: bytesOf(typedCapacity(capacity.control.value)) ?? 0,
    }));
  }

  get value(): PlannedNode {
    const license = this.#license.control.value;
    return {
      ...this.#rest,
      host_name: this.host,
      ip: this.#ip.control.value.trim(),
      instance_type: this.#size.control.value,
      ...(license && { license }),
      networks: this.#purposes.map((purpose): PlannedNetwork => {
        const { name, vlan } = this.#networks[purpose];
        const id = vlan.control.value;
        return { purpose, name: name.control.value, vlan: id === "" ? null : Number(id) };
      }),
      storage: { ...this.#storage, pools: this.#pools.map(poolOf) },
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
      ...this.#pools.flatMap(({ name, capacity }, at): [string, Field][] => [
        [`${place}.storage.pools[${at}].name`, name],
        [`${place}.storage.pools[${at}].capacity`, capacity],
      ]),
      ...networks,
    ];
  }
}

const shown = ["host_name", "ip", "instance_type", "license", "networks", "storage"];

function isPurpose(text: string): text is Purpose {
  return Object.hasOwn(words, text);
}

function counted(disks: number): string {
  return disks === 1 ? "1 disk" : `${disks} disks`;
}

/** A capacity that the user has not changed stays as in the plan. */
function poolOf({ name, capacity, planned = { name: "" } }: PoolFields): PlannedPool {
  const text = capacity.control.value;
  const isAsPlanned = text !== "" && text === capacityText(planned.capacity);
  const asked = isAsPlanned ? planned.capacity : typedCapacity(text);
  const rest = without(planned, ["name", "capacity"]);
  return { ...rest, name: name.control.value, ...(asked !== undefined && { capacity: asked }) };
}

const noPool = { name: "", free: 0, left: Number.NEGATIVE_INFINITY };

function network(purpose: Purpose): NetworkFields {
  const name = select(words[purpose], []);
  const vlan = input("VLAN", { type: "number", min: 0, max: 4094, inputmode: "numeric" });
  // The visible label is short, because it is next to the network's.
  vlan.control.setAttribute("aria-label", `VLAN of the ${words[purpose].toLowerCase()}`);
  return { name, vlan, block: el("div", { class: "pair" }, name.block, vlan.block) };
}

/** Chooses a value, and adds it to the list if it is missing. */
function put(control: HTMLSelectElement, value: string): void {
  const isThere = [...control.options].some((option) => option.value === value);
  if (!isThere) control.append(el("option", { value }, value || "–"));
  control.value = value;
}

/** Offers the names, and the chosen value even if it is not one of them. */
function offerNames(control: HTMLSelectElement, names: readonly (readonly [string, string])[]): void {
  const chosen = control.value;
  const isThere = names.some(([name]) => name === chosen);
  setOptions(control, isThere ? names : [[chosen, chosen || "–"], ...names]);
}
