// Parses the command line into a command, its arguments and its options.

import { parseArgs } from "node:util";
import {
  type CommandName,
  commandNames,
  commands,
  commandsOf,
  firstWords,
  groups,
  type OptionName,
  optionNames,
  options,
  optionsOf,
  type Values,
} from "./table.js";
import { UsageError } from "./usage.js";

export interface Arguments {
  readonly name: CommandName;
  /** The arguments after the name, without options. */
  readonly words: readonly string[];
  readonly values: Values;
}

// The error for these options says where the value belongs.
const SECRETS = ["username", "user", "password", "bearer", "token", "auth"] as const;

/** Parses the command line. `--help` and `--version` win over everything else. */
export function readArguments(args: string[]): Arguments | "version" {
  refuseSecrets(args);
  const { values, positionals } = parsed(args);
  const [name, words] = commandIn(positionals);
  if (values.help) return { name: "help", words: helped(positionals), values: {} };
  if (values.version) return "version";
  if (name === undefined) throw new UsageError(expectedCommand(positionals[0]));
  const taken = optionsOf(commands[name]);
  const strange = (Object.keys(values) as OptionName[]).find((option) => !taken.includes(option));
  if (strange !== undefined) throw new UsageError(`--${strange}: ${whyNot(name, strange)}`);
  return { name, words, values };
}

/** The command, whose name has one or two words, and the words after it. */
export function commandIn(words: readonly string[]): [CommandName | undefined, readonly string[]] {
  for (const length of [2, 1]) {
    const written = words.slice(0, length).join(" ").toLowerCase();
    const name = commandNames.find((name) => name === written);
    if (name !== undefined) return [name, words.slice(length)];
  }
  return [undefined, words];
}

/** The words for `help` when the command line has `--help`: a command, a group of commands, or nothing. */
function helped(words: readonly string[]): readonly string[] {
  const [name] = commandIn(words);
  if (name !== undefined) return name.split(" ");
  return words.slice(0, 1).filter((word) => groups.includes(word.toLowerCase()));
}

function expectedCommand(word: string | undefined): string {
  if (word === undefined) return "expected a command, such as: get /clusters";
  const group = word.toLowerCase();
  if (!groups.includes(group)) return `unknown command: expected ${listed(firstWords)}`;
  const seconds = commandsOf(group).map((name) => name.slice(group.length + 1));
  return `${group}: expected ${listed(seconds)}`;
}

/** `a, b or c`. */
export function listed(names: readonly string[]): string {
  return [names.slice(0, -1).join(", "), names.at(-1)].filter(Boolean).join(" or ");
}

function whyNot(name: CommandName, option: OptionName): string {
  const isBody = option === "data" || option === "form";
  if (isBody && name === "get") return "a GET has no body";
  if (isBody && name === "wait") return "wait sends no body";
  const takers = commandNames.filter((other) => optionsOf(commands[other]).includes(option));
  return `not an option of ${name}; only of ${listed(takers)}`;
}

function parsed(args: string[]): { values: Values; positionals: string[] } {
  const types = Object.entries(options).map(([name, { value, repeats = false, short }]) => [
    name,
    { type: value === undefined ? "boolean" : "string", multiple: repeats, ...(short && { short }) },
  ]);
  const config = { options: Object.fromEntries(types), allowPositionals: true } as const;
  try {
    return parseArgs({ ...config, args });
  } catch (error) {
    // The first sentence names the option. The rest, about arguments that start with a dash, is not needed.
    const [said = ""] = String((error as Error).message).split(/(?<=['"])\. /);
    const { positionals } = parseArgs({ ...config, args, strict: false });
    const [name] = commandIn(positionals);
    const [, unknown] = /^Unknown option '--(.+)'$/.exec(said) ?? [];
    const close =
      unknown === undefined ? undefined : closest(unknown, name ? optionsOf(commands[name]) : optionNames);
    const hint = close === undefined ? "" : `; did you mean --${close}?`;
    const usage = new UsageError(`${said.charAt(0).toLowerCase()}${said.slice(1)}${hint}`);
    usage.command = name;
    throw usage;
  }
}

/** The most similar name, if at most two letters differ. */
function closest(written: string, names: readonly string[]): string | undefined {
  const distances = names.map((name) => ({ name, distance: distanceOf(written.toLowerCase(), name) }));
  const [best] = distances.sort((one, other) => one.distance - other.distance);
  return best && best.distance <= 2 && best.distance < written.length ? best.name : undefined;
}

/** The number of letters to insert, remove or replace. */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [at, expected] of [...other].entries()) {
      const [left = 0, above = 0, diagonal = 0] = [next[at], row[at + 1], row[at]];
      next.push(Math.min(left + 1, above + 1, diagonal + (letter === expected ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

// This check comes first, so that no other error can show the secret.
function refuseSecrets(args: string[]): void {
  const end = args.indexOf("--");
  const names = (end < 0 ? args : args.slice(0, end)).map((arg) => arg.split("=")[0]);
  const found = names.find((name) => SECRETS.some((secret) => name === `--${secret}`) || name === "-u");
  if (found === undefined) return;
  throw new UsageError(
    `${found}: credentials are not accepted as arguments, because other users of this machine can read them. ` +
      "Set DEPLOY_USERNAME and DEPLOY_PASSWORD, or DEPLOY_BEARER, or pass --credentials FILE",
  );
}
