// The hosts of a plan: those that Deploy already has, and new ones with their logins.

import type { ClusterPlan, PlannedHost, PlannedVcenter } from "ontap-select-deploy/api";
import { button, el, setText } from "../dom.js";
import { type Field, input, select } from "../fields.js";
import { afterClick } from "../pointer.js";
import { exampleHosts, exampleLogin, exampleVcenter } from "../sample.js";
import type { Facts, KnownHost } from "./facts.js";
import { without } from "./plan.js";

const kinds = [
  ["vcenter", "ESX, through vCenter"],
  ["ESX", "ESX, direct login"],
  ["KVM", "KVM"],
] as const;

const shown = ["name", "type", "mgmt_server", "username", "password"];
const asTyped = { spellcheck: "false", autocapitalize: "none" };

interface Row {
  readonly element: HTMLElement;
  readonly name: Field<HTMLInputElement>;
  readonly kind: Field<HTMLSelectElement>;
  readonly username: Field<HTMLInputElement>;
  readonly password: Field<HTMLInputElement>;
  /** Another vCenter than the form's, which only a plan can contain. */
  readonly otherVcenter: string | undefined;
  /** The plan's values that the form does not show. */
  readonly rest: Partial<PlannedHost>;
}

export class HostRows {
  readonly element: HTMLElement;
  readonly #simulated: boolean;
  readonly #onChange: () => void;
  readonly #onRemove: (host: KnownHost) => void;
  readonly #known = el("ul", { class: "hosts" });
  readonly #none = el("p", { class: "field__hint" });
  readonly #list = el("div", { class: "host-rows" });
  readonly #vcenter: HTMLFieldSetElement;
  readonly #address: Field<HTMLInputElement>;
  readonly #user: Field<HTMLInputElement>;
  readonly #password: Field<HTMLInputElement>;
  readonly #hasLogin = el("p", { class: "field__hint" }, "Deploy already has the login for this vCenter.");
  readonly #failures = new Map<string, string>();
  #rows: Row[] = [];
  #credentials: readonly string[] = [];
  #refused: readonly string[] = [];
  #registered: readonly KnownHost[] = [];
  /** The vCenter's values that the form does not show. */
  #restOfVcenter: Partial<PlannedVcenter> = {};

  /** `onRemove` is called with a host to remove from Deploy. */
  constructor(simulated: boolean, onChange: () => void, onRemove: (host: KnownHost) => void) {
    this.#simulated = simulated;
    this.#onChange = onChange;
    this.#onRemove = onRemove;
    this.#address = input("vCenter", asTyped);
    this.#user = input("vCenter user", asTyped);
    this.#password = input("vCenter password", { type: "password", autocomplete: "off" });
    this.#vcenter = el(
      "fieldset",
      { class: "cells" },
      el("legend", { class: "visually-hidden" }, "vCenter"),
      this.#address.block,
      this.#user.block,
      this.#password.block,
      this.#hasLogin,
    );
    const add = button("Add another host", "button button--small", () => {
      const row = this.#add(
        { name: "", type: "ESX", ...exampleLogin(simulated) },
        this.#rows.at(-1)?.kind.control.value ?? "vcenter",
      );
      this.#changed();
      row.name.control.focus();
    });
    this.element = el(
      "div",
      { class: "host-section" },
      this.#none,
      this.#known,
      this.#list,
      this.#vcenter,
      el("div", {}, add),
    );
    this.element.addEventListener("change", () => this.#changed());
    this.#show();
  }

  /** Sets why these hosts were not added: the job's message. */
  tell(names: readonly string[], reason: string): void {
    for (const name of names) this.#failures.set(name, reason);
  }

  /** Why hosts were not added, by name. */
  get failures(): readonly (readonly [name: string, reason: string])[] {
    return [...this.#failures];
  }

  /** Sets Deploy's current objects, and removes the rows of hosts that it has now. */
  know({ hosts, credentials, refused }: Facts): void {
    this.#refused = refused;
    this.#registered = hosts;
    this.#credentials = credentials;
    // Deploy has the login, so the page no longer needs the password.
    if (credentials.includes(this.#address.control.value.trim())) this.#password.control.value = "";
    const names = hosts.map(({ name }) => name);
    const isKnown = ({ name }: Row) => names.includes(name.control.value.trim());
    for (const { element } of this.#rows.filter(isKnown)) element.remove();
    this.#rows = this.#rows.filter((row) => !isKnown(row));
    this.#known.replaceChildren(...hosts.map((host) => this.#knownHost(host)));
    for (const { name, hasFailed } of hosts) if (!hasFailed) this.#failures.delete(name);
    const these = hosts.length === 1 ? "this host" : "these hosts";
    const isUsable = hosts.some(({ hasFailed }) => !hasFailed);
    const lead = isUsable
      ? `Deploy already has ${these}. Choose one for each node below.`
      : `Deploy could not add ${these}.`;
    setText(this.#none, hosts.length === 0 ? "Deploy has no hosts yet." : lead);
    this.#show();
  }

  /** Adds rows with proposed hosts. */
  propose(): void {
    const isKnown = (name: string) => this.#registered.some((host) => host.name === name);
    const names = this.#simulated ? exampleHosts.filter((name) => !isKnown(name)) : [""];
    for (const name of names) this.#add({ name, type: "ESX", ...exampleLogin(this.#simulated) }, "vcenter");
    if (this.#simulated && this.#address.control.value === "") this.#fillVcenter(exampleVcenter);
    this.#show();
  }

  /** Fills in a plan's hosts. Hosts that Deploy already has get no row. */
  fill({ vcenter, hosts }: Pick<ClusterPlan, "vcenter" | "hosts">): void {
    this.#list.replaceChildren();
    this.#rows = [];
    const names = this.#registered.map(({ name }) => name);
    const hostname = vcenter?.hostname || hosts.find(({ mgmt_server }) => mgmt_server)?.mgmt_server || "";
    for (const host of hosts) {
      if (!names.includes(host.name)) this.#add(host, host.mgmt_server ? "vcenter" : host.type, hostname);
    }
    this.#fillVcenter({ username: "", password: "", ...vcenter, hostname });
    this.#show();
  }

  /** The hosts to add, and the vCenter if one of them needs a login that Deploy does not have. */
  get wanted(): { readonly vcenter?: PlannedVcenter; readonly hosts: readonly PlannedHost[] } {
    const hostname = this.#address.control.value.trim();
    const hosts = this.#rows.map(({ name, kind, username, password, otherVcenter, rest }): PlannedHost => {
      const named = { ...rest, name: name.control.value.trim() };
      if (kind.control.value === "vcenter")
        return { ...named, type: "ESX", mgmt_server: otherVcenter ?? hostname };
      // Both empty: Deploy should already have the login.
      const user = username.control.value.trim();
      const hasLogin = user !== "" || password.control.value !== "";
      return {
        ...named,
        // An empty string if the plan's type is not in the list.
        type: kind.control.value,
        ...(hasLogin && { username: user, password: password.control.value }),
      };
    });
    if (!this.#needsVcenterLogin && !this.#usesUnnamedVcenter) return { hosts };
    const login = { username: this.#user.control.value.trim(), password: this.#password.control.value };
    return { vcenter: { ...this.#restOfVcenter, hostname, ...login }, hosts };
  }

  /** The fields by their places in a plan; `before`: the number of hosts before these. */
  fields(before: number): [string, Field][] {
    const ofRows = this.#rows.flatMap(({ name, kind, username, password }, index): [string, Field][] => {
      const place = `hosts[${before + index}]`;
      return [
        [`${place}.name`, name],
        [`${place}.type`, kind],
        [`${place}.username`, username],
        [`${place}.password`, password],
      ];
    });
    return [
      ...ofRows,
      ["vcenter.hostname", this.#address],
      ["vcenter.username", this.#user],
      ["vcenter.password", this.#password],
    ];
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  #add(host: PlannedHost, kindOfRow: string, vcenter = host.mgmt_server): Row {
    const name = input("Host", { ...asTyped, value: host.name });
    const kind = select("Hypervisor", kinds);
    const username = input("User", { ...asTyped, value: host.username ?? "" });
    const password = input("Password", { type: "password", autocomplete: "off" });
    // A property, because an attribute would show the password in the document.
    password.control.value = host.password ?? "";
    kind.control.value = kindOfRow;
    const remove = button("Remove row", "button button--small", () => {
      element.remove();
      this.#rows = this.#rows.filter((one) => one !== row);
      this.#changed();
    });
    const element = el(
      "fieldset",
      { class: "cells host-row" },
      el("legend", { class: "visually-hidden" }, "New host"),
      name.block,
      kind.block,
      username.block,
      password.block,
      remove,
    );
    const isOther = Boolean(host.mgmt_server) && host.mgmt_server !== vcenter;
    const otherVcenter = isOther ? (host.mgmt_server ?? undefined) : undefined;
    const rest = without(host, shown);
    const row = { element, name, kind, username, password, otherVcenter, rest };
    this.#rows.push(row);
    this.#list.append(element);
    return row;
  }

  #fillVcenter({ hostname, username, password, ...rest }: PlannedVcenter): void {
    this.#restOfVcenter = rest;
    this.#address.control.value = hostname;
    this.#user.control.value = username;
    this.#password.control.value = password;
  }

  get #usesVcenter(): boolean {
    return this.#rows.some(({ kind }) => kind.control.value === "vcenter");
  }

  get #usesUnnamedVcenter(): boolean {
    return this.#usesVcenter && this.#address.control.value.trim() === "";
  }

  get #needsVcenterLogin(): boolean {
    return this.#usesVcenter && !this.#credentials.includes(this.#address.control.value.trim());
  }

  #changed(): void {
    afterClick(() => this.#show());
    this.#onChange();
  }

  #show(): void {
    for (const { kind, username, password } of this.#rows) {
      const isAlone = kind.control.value !== "vcenter";
      username.block.hidden = !isAlone;
      password.block.hidden = !isAlone;
    }
    this.#vcenter.hidden = !this.#usesVcenter;
    this.#user.block.hidden = !this.#needsVcenterLogin;
    this.#password.block.hidden = !this.#needsVcenterLogin;
    this.#hasLogin.hidden =
      this.#needsVcenterLogin || this.#refused.includes(this.#address.control.value.trim());
  }

  #knownHost(host: KnownHost): HTMLElement {
    const { name, type, vcenter, isReady, hasFailed } = host;
    const through = vcenter === undefined ? type : `${type}, through vCenter ${vcenter}`;
    const failure = this.#failures.get(name) ?? "Deploy could not add it";
    const trouble = ` · ${hasFailed ? failure : "Deploy is not logged in yet"}`;
    return el(
      "li",
      { class: "hosts__one" },
      el("span", { class: "hosts__name" }, name),
      el("span", { class: "hosts__kind" }, isReady ? through : `${through}${trouble}`),
      hasFailed ? button("Remove", "button button--small", () => this.#onRemove(host)) : undefined,
    );
  }
}
