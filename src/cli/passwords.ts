// Passwords that a command needs besides the client's credential. They are never arguments.

import { dirname, resolve } from "node:path";
import type { Mistake } from "../workflows/index.js";
import { isObject, readStandardInput, readText, withoutLineEnd } from "./files.js";
import { keepSecret } from "./secrets.js";
import type { Values } from "./table.js";
import { UsageError } from "./usage.js";

const OPTION = "--password-file";

/** The password from --password-file, else from the variable; undefined if both are missing. */
export async function readPassword(
  { "password-file": file }: Values,
  variable: string,
): Promise<string | undefined> {
  const password = file === undefined ? process.env[variable] : await readPasswordFile(file);
  if (!password) return undefined;
  keepSecret(password);
  return password;
}

/** @param what the name of the password, for the message */
export async function needPassword(values: Values, variable: string, what: string): Promise<string> {
  const password = await readPassword(values, variable);
  if (password !== undefined) return password;
  throw new UsageError(`missing ${what}: set ${variable} or pass ${OPTION} FILE`);
}

async function readPasswordFile(file: string): Promise<string> {
  const text = withoutLineEnd(file === "-" ? await readStandardInput(OPTION) : readText(OPTION, file));
  if (text === "") throw new UsageError(`${OPTION}: ${file === "-" ? "standard input" : file} is empty`);
  return text;
}

/** A member of a plan that holds a password. */
interface Place {
  readonly owner: Record<string, unknown>;
  readonly member: string;
  readonly place: string;
  /** The variable for a password that the plan omits; undefined if the password is not needed. */
  readonly variable: string | undefined;
}

/**
 * Replaces each reference to a variable or file in a plan with the password, and fills in omitted passwords. Returns
 * the mistakes, and puts a placeholder where a password is wrong.
 *
 * @param file the plan's own file; the paths in the plan are relative to its folder
 */
export function fillPasswords(plan: Record<string, unknown>, file: string): Mistake[] {
  const mistakes: Mistake[] = [];
  for (const { owner, member, place, variable } of placesOf(plan)) {
    const { password, problem } = passwordFrom(owner[member], variable, dirname(file));
    if (problem !== undefined) mistakes.push({ place, problem });
    else if (password !== undefined) keepSecret(password);
    if (password !== undefined) owner[member] = password;
  }
  return mistakes;
}

/** The variable that can supply the password missing in a place. */
export function variableFor(plan: Record<string, unknown>, place: string): string | undefined {
  return placesOf(plan).find((one) => one.place === place)?.variable;
}

function placesOf({ vcenter, hosts, cluster }: Record<string, unknown>): Place[] {
  const places: Place[] = [];
  const add = (owner: unknown, member: string, place: string, variable?: string) => {
    if (isObject(owner)) places.push({ owner, member, place: `${place}.${member}`, variable });
  };
  add(vcenter, "password", "vcenter", "VCENTER_PASSWORD");
  for (const [index, host] of (Array.isArray(hosts) ? hosts : []).entries()) {
    // A host without a user has no login of its own.
    const isNeeded = isObject(host) && !host.mgmt_server && (host.username || host.user);
    add(host, "password", `hosts[${index}]`, isNeeded ? "HOST_PASSWORD" : undefined);
  }
  add(cluster, "ontap_admin_password", "cluster", "CLUSTER_PASSWORD");
  return places;
}

interface Found {
  readonly password?: string | undefined;
  readonly problem?: string;
}

function passwordFrom(given: unknown, variable: string | undefined, folder: string): Found {
  if (given === undefined || given === null || given === "")
    return { password: variable === undefined ? undefined : process.env[variable] };
  if (typeof given === "string") return { password: given };
  const [[kind, name] = [], ...more] = isObject(given) ? Object.entries(given) : [];
  if (more.length === 0 && typeof name === "string" && name !== "") {
    if (kind === "env") return fromVariable(name);
    if (kind === "file") return fromFile(name, folder);
  }
  return wrong('must be a string, {"env": "NAME"} or {"file": "path"}');
}

function fromVariable(name: string): Found {
  const password = process.env[name];
  return password ? { password } : wrong(`names the variable ${name}, which is not set`);
}

function fromFile(name: string, folder: string): Found {
  try {
    const password = withoutLineEnd(readText("names a file that cannot be used", resolve(folder, name)));
    return password === "" ? wrong(`names the file ${name}, which is empty`) : { password };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return wrong(error.message);
  }
}

function wrong(problem: string): Found {
  return { password: "…", problem };
}
