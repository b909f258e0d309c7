// The form for a plan. It reads its fields as a plan, and fills them in from one.

import type { ClusterPlan, PlannedCluster, PlannedHost } from "ontap-select-deploy/api";
import { purposesOf } from "../../../src/workflows/plan.js";
import { el, setText } from "../dom.js";
import { type Field, input, select, setOptions, showFault } from "../fields.js";
import { freeName } from "../kind.js";
import { afterClick } from "../pointer.js";
import { exampleAddresses, examplePassword } from "../sample.js";
import { type Equipment, type Facts, type KnownHost, noFacts } from "./facts.js";
import { faultsAgainst } from "./faults.js";
import { HostRows } from "./host-rows.js";
import { NodeCard } from "./node-card.js";
import { without } from "./plan.js";
import type { Mistake } from "./workflow.js";

const counts = ["1", "2", "4", "6", "8", "10", "12"].map((count) => [count, count] as const);
/** More than any cluster has: a plan with so many nodes is an error, and the form need not show more. */
const mostCards = 14;
const switches = [
  ["StandardvSwitch", "Standard"],
  ["DistributedvSwitch", "Distributed"],
] as const;
const asTyped = { spellcheck: "false", autocapitalize: "none" };
const address = { ...asTyped, inputmode: "decimal" };

export class DeploymentForm {
  readonly hosts: HostRows;
  readonly cluster: HTMLElement;
  readonly nodes: HTMLElement;
  readonly #simulated: boolean;
  readonly #onChange: () => void;
  readonly #name = input("Name", { ...asTyped, autocomplete: "off" });
  readonly #count = select("Number of nodes", counts);
  readonly #image = select("ONTAP version", []);
  readonly #ip = input("IP address", address);
  readonly #netmask = input("Netmask", address);
  readonly #gateway = input("Gateway", address);
  readonly #domains = input("DNS domains", asTyped, "Separate several with commas.");
  readonly #servers = input("DNS servers", asTyped, "IP addresses. Separate several with commas.");
  readonly #time = input("NTP servers", asTyped, "Separate several with commas.");
  readonly #mtu = input(
    "Internal network MTU",
    { type: "number", min: 7500, max: 9000, inputmode: "numeric" },
    "7500 to 9000. Default: 9000.",
  );
  readonly #switch = select("Virtual switch type", switches, "Used by the network check.");
  readonly #password = input("Admin password", {
    type: "password",
    autocomplete: "new-password",
  });
  readonly #pairs = el("div", { class: "nodes" });
  readonly #pairNote = el("p", { class: "notice-line", role: "status" });
  readonly #cards: NodeCard[] = [];
  readonly #touched = new Set<Element>();
  #facts: Facts = noFacts;
  #equipment: ReadonlyMap<string, Equipment> = new Map();
  /** All fields show their errors once the user has tried to send the form. */
  #isAllChecked = false;
  /** Errors from a check against Deploy, each until the user changes its field. */
  #findings: readonly Mistake[] = [];
  /** The plan's values that the form does not show. */
  #rest: Partial<ClusterPlan> = {};
  #restOfCluster: Partial<PlannedCluster> = {};

  /** `onRemove` is called with a host to remove from Deploy. */
  constructor(simulated: boolean, onChange: () => void, onRemove: (host: KnownHost) => void) {
    this.#simulated = simulated;
    this.#onChange = onChange;
    this.hosts = new HostRows(simulated, () => this.#changed(), onRemove);
    this.#count.control.value = simulated ? "2" : "1";
    // Tells a password manager that this is the cluster's password, not the console's.
    const owner = el("input", { type: "text", autocomplete: "username", value: "admin", hidden: true });
    this.cluster = el(
      "div",
      { class: "cells" },
      ...[this.#name, this.#count, this.#image, this.#ip, this.#netmask, this.#gateway].map(
        ({ block }) => block,
      ),
      owner,
      this.#password.block,
      el(
        "details",
        { class: "cells__more" },
        el("summary", {}, "DNS, NTP, MTU, virtual switch"),
        el(
          "div",
          { class: "cells" },
          ...[this.#domains, this.#servers, this.#time, this.#mtu, this.#switch].map(({ block }) => block),
        ),
      ),
    );
    this.nodes = el("div", { class: "node-section" }, this.#pairs, this.#pairNote);
    this.cluster.addEventListener("change", () => this.#changed());
    for (const part of [this.cluster, this.nodes, this.hosts.element]) {
      part.addEventListener("change", ({ target }) => this.#touch(target), { capture: true });
      // An error disappears while the user types, but a new one appears only after the user leaves the field.
      part.addEventListener("input", ({ target }) => {
        this.#findings = this.#findings.filter(({ place }) => this.#fieldAt(place)?.control !== target);
        this.#check();
      });
    }
  }

  /** Sets Deploy's current objects. */
  know(facts: Facts, equipment: ReadonlyMap<string, Equipment>): void {
    this.#facts = facts;
    this.#equipment = equipment;
    this.hosts.know(facts);
    this.#arrange();
    this.#check();
  }

  /** Fills in proposals: a free name, and addresses for a simulated Deploy. */
  propose(): void {
    this.#touched.clear();
    this.#isAllChecked = false;
    this.#findings = [];
    this.#rest = {};
    this.#restOfCluster = {};
    const name = freeName(
      "cluster-01",
      this.#facts.clusters.map((cluster) => cluster.name),
    );
    this.#name.control.value = name;
    if (this.#simulated) {
      const { gateway, at } = exampleAddresses(name);
      this.#ip.control.value = at(0);
      this.#netmask.control.value = "255.255.255.0";
      this.#gateway.control.value = gateway;
      this.#password.control.value = examplePassword;
      for (const [index, card] of this.#cards.entries()) card.ip = at(index + 1);
    }
    this.proposeHosts();
    this.#check();
  }

  /** Proposes hosts if Deploy has none that it could log in to. */
  proposeHosts(): void {
    if (this.hosts.isEmpty && this.#facts.hosts.every(({ hasFailed }) => hasFailed)) this.hosts.propose();
    this.#arrange();
  }

  /** Fills in a plan; with `keepsGaps`, missing values stay empty. */
  fill(plan: ClusterPlan, keepsGaps: boolean): void {
    const { cluster, nodes } = plan;
    this.#findings = [];
    this.#rest = without(plan, ["vcenter", "hosts", "cluster", "nodes"]);
    this.#restOfCluster = without(cluster, shown);
    this.hosts.fill(plan);
    this.#name.control.value = cluster.name ?? "";
    this.#ip.control.value = cluster.ip ?? "";
    this.#netmask.control.value = cluster.netmask ?? "";
    this.#gateway.control.value = cluster.gateway ?? "";
    this.#domains.control.value = cluster.dns_info?.domains?.join(", ") ?? "";
    this.#servers.control.value = cluster.dns_info?.dns_ips?.join(", ") ?? "";
    this.#time.control.value = cluster.ntp_servers?.join(", ") ?? "";
    this.#mtu.control.value = cluster.mtu === undefined ? "" : String(cluster.mtu);
    this.#password.control.value = cluster.ontap_admin_password ?? "";
    this.#offerImages(cluster.ontap_image_version);
    this.#offerCounts(String(nodes.length));
    this.#cards.splice(0);
    for (const node of nodes.slice(0, mostCards)) this.#addCard().fill(node, keepsGaps);
    this.#arrange();
    this.#touched.clear();
    this.#check();
  }

  get plan(): ClusterPlan {
    const { vcenter, hosts } = this.hosts.wanted;
    return {
      ...this.#rest,
      ...(vcenter && { vcenter }),
      hosts: [...this.#usedHosts(), ...hosts],
      cluster: this.#clusterValue(),
      nodes: this.#cards.map(({ value }) => value),
    };
  }

  /** The name of the cluster. */
  get name(): string {
    return this.#name.control.value.trim();
  }

  get nodeCount(): number {
    return this.#cards.length;
  }

  /** The virtual switch type of the nodes' hosts. */
  get vswitch(): string {
    return this.#isOnKvm ? "OpenvSwitch" : this.#switch.control.value;
  }

  get #isOnKvm(): boolean {
    const { hosts, nodes } = this.plan;
    return hosts.find(({ name }) => name === nodes[0]?.host_name)?.type === "KVM";
  }

  /** Clears the password. */
  dropPassword(): void {
    this.#password.control.value = "";
  }

  /** Shows all errors, or those that `isMeant` selects, and moves the focus to the first. */
  showFaults(isMeant?: (fault: Mistake) => boolean): readonly Mistake[] {
    // If only some are selected, the others stay hidden.
    if (!isMeant) this.#isAllChecked = true;
    else for (const { place } of this.#check().filter(isMeant)) this.#touch(this.#fieldAt(place)?.control);
    const faults = this.#check().filter(isMeant ?? (() => true));
    const first = faults.map(({ place }) => this.#fieldAt(place)).find((field) => field !== undefined);
    if (first) {
      const folded = first.control.closest("details");
      if (folded) folded.open = true;
      first.control.focus();
    }
    return faults;
  }

  /** Shows the errors from a check against Deploy, and moves the focus to the first. */
  find(findings: readonly Mistake[]): readonly Mistake[] {
    this.#findings = findings;
    return this.showFaults((fault) => findings.includes(fault));
  }

  /** Clears the errors from the last check. */
  forget(): void {
    this.#findings = [];
  }

  /** Whether the form shows this place of a plan. */
  shows(place: string): boolean {
    return this.#fieldAt(place) !== undefined;
  }

  /** Whether the user has changed this place of a plan. */
  isTyped(place: string): boolean {
    const field = this.#fieldAt(place);
    return field !== undefined && this.#touched.has(field.control);
  }

  #touch(target: EventTarget | null | undefined): void {
    if (target instanceof Element) this.#touched.add(target);
  }

  #changed(): void {
    afterClick(() => {
      this.#arrange();
      this.#check();
      this.#onChange();
    });
  }

  /** The hosts that a node can run on. */
  #hostNames(): string[] {
    const ready = this.#facts.hosts.filter(({ isReady }) => isReady).map(({ name }) => name);
    const wanted = this.hosts.wanted.hosts.map(({ name }) => name).filter(Boolean);
    return [...new Set([...ready, ...wanted])];
  }

  /** Deploy's hosts that a node of the plan uses. */
  #usedHosts(): PlannedHost[] {
    const used = new Set(this.#cards.map(({ host }) => host));
    return this.#facts.hosts
      .filter(({ name }) => used.has(name))
      .map(({ name, type, vcenter }) => ({ name, type, ...(vcenter && { mgmt_server: vcenter }) }));
  }

  /** Shows the chosen number of nodes, each with its choices. */
  #arrange(): void {
    this.#offerCounts(this.#count.control.value);
    const count = Math.min(Number(this.#count.control.value), mostCards);
    while (this.#cards.length > count) this.#cards.pop();
    while (this.#cards.length < count) this.#addCard();
    this.#offerImages(this.#image.control.value || undefined);
    this.#mtu.block.hidden = count === 1;
    this.#switch.block.hidden = count === 1 || this.#isOnKvm;

    const names = this.#hostNames();
    const known = this.#facts.hosts.map(({ name }) => name);
    const choices = {
      hosts: names.map((name) => [name, known.includes(name) ? name : `${name} (to be added)`] as const),
      licenses: this.#facts.licenses.filter((one) => !one.isEvaluation).map(({ serial }) => serial),
      equipment: (host: string) => this.#equipment.get(host),
      purposes: purposesOf(count),
    };
    const addresses = this.#simulated ? exampleAddresses(this.name) : undefined;
    for (const [index, card] of this.#cards.entries()) {
      card.title = count === 1 ? "Node" : `Node ${index + 1}`;
      // The nodes of an HA pair get different hosts if there are two.
      card.propose(names, index, addresses?.at(index + 1) ?? "");
      card.offer(choices, (pool) =>
        this.#cards
          .slice(0, index)
          .filter((other) => other.host === card.host)
          .flatMap((other) => other.taken.filter(({ name }) => name === pool))
          .reduce((sum, { bytes }) => sum + bytes, 0),
      );
    }
    this.#pairUp();
  }

  #addCard(): NodeCard {
    const card = new NodeCard(() => this.#changed());
    this.#cards.push(card);
    return card;
  }

  #pairUp(): void {
    const elements = this.#cards.map(({ element }) => element);
    const shown = [...this.#pairs.children];
    if (elements.length !== shown.length || elements.some((element, at) => element !== shown[at])) {
      this.#pairs.replaceChildren(...elements);
    }
    const together = this.#cards.flatMap((card, at) => {
      const partner = this.#cards[at + 1];
      const isPair = at % 2 === 0 && partner !== undefined && card.host !== "" && card.host === partner.host;
      return isPair
        ? [
            `Nodes ${at + 1} and ${at + 2} are an HA pair on the same host, ${card.host}. If it fails, both fail.`,
          ]
        : [];
    });
    setText(this.#pairNote, together.join(" "));
  }

  /** Offers the valid counts, and an invalid one from a plan while it is chosen. */
  #offerCounts(chosen: string): void {
    const isUsual = counts.some(([value]) => value === chosen);
    setOptions(this.#count.control, [...(isUsual ? [] : [[chosen, chosen] as const]), ...counts]);
    this.#count.control.value = chosen;
  }

  #offerImages(chosen: string | undefined): void {
    const { images } = this.#facts;
    const isUnknown = chosen !== undefined && !images.includes(chosen);
    setOptions(this.#image.control, [
      ...(isUnknown ? [[chosen, chosen] as const] : []),
      ...images.map((version, index) => [version, index === 0 ? `${version} (latest)` : version] as const),
    ]);
    if (chosen !== undefined) this.#image.control.value = chosen;
  }

  #clusterValue(): PlannedCluster {
    const version = this.#image.control.value;
    const [domains, dns_ips, ntp_servers] = [this.#domains, this.#servers, this.#time].map(listed);
    const mtu = this.#cards.length > 1 ? this.#mtu.control.value : "";
    return {
      ...this.#restOfCluster,
      name: this.name,
      ip: this.#ip.control.value.trim(),
      netmask: this.#netmask.control.value.trim(),
      gateway: this.#gateway.control.value.trim(),
      ...(version && { ontap_image_version: version }),
      ...((domains?.length || dns_ips?.length) && {
        dns_info: { domains: domains ?? [], dns_ips: dns_ips ?? [] },
      }),
      ...(ntp_servers?.length && { ntp_servers }),
      ...(mtu && { mtu: Number(mtu) }),
      ontap_admin_password: this.#password.control.value,
    };
  }

  /** Shows the errors of the changed fields, or of all fields. */
  #check(): readonly Mistake[] {
    const faults = [...faultsAgainst(this.plan, this.#facts, this.#equipment), ...this.#findings];
    const fields = new Map(this.#fields());
    const shown = new Map<Field, string>();
    for (const { place, problem } of faults) {
      const field = this.#fieldAt(place, fields);
      if (!field || shown.has(field)) continue;
      if (this.#isAllChecked || this.#touched.has(field.control)) shown.set(field, sentence(problem));
    }
    for (const field of fields.values()) showFault(field, shown.get(field) ?? "");
    return faults;
  }

  #fieldAt(place: string, fields = new Map(this.#fields())): Field | undefined {
    // An error of a list item belongs to the list's field, one of a login to the field for its host.
    const places = [place, place.replace(/\[\d+\]$/, ""), `${place}.hostname`, `${place}.name`];
    return places.map((one) => fields.get(one)).find((field) => field !== undefined);
  }

  #fields(): [string, Field][] {
    return [
      ["cluster.name", this.#name],
      ["cluster.ontap_image_version", this.#image],
      ["cluster.ip", this.#ip],
      ["cluster.netmask", this.#netmask],
      ["cluster.gateway", this.#gateway],
      ["cluster.dns_info.domains", this.#domains],
      ["cluster.dns_info.dns_ips", this.#servers],
      ["cluster.ntp_servers", this.#time],
      ["cluster.mtu", this.#mtu],
      ["cluster.ontap_admin_password", this.#password],
      ["nodes", this.#count],
      ...this.hosts.fields(this.#usedHosts().length),
      ...this.#cards.flatMap((card, index) => card.fields(index)),
    ];
  }
}

const shown = [
  "name",
  "ip",
  "netmask",
  "gateway",
  "ontap_image_version",
  "dns_info",
  "ntp_servers",
  "mtu",
  "ontap_admin_password",
];

/** `is missing` becomes `This is missing.` The form counts nodes from one. */
function sentence(problem: string): string {
  return `This ${problem.replaceAll(/nodes\[(\d+)\]/g, (_, at) => `node ${Number(at) + 1}`)}.`;
}

function listed({ control }: Field<HTMLInputElement>): string[] {
  return control.value
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}
