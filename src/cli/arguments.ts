// The command line: which command, with which words and options.

import { parseArgs } from "node:util";
import {
  type CommandName,
  commandNames,
  commands,
  commandsOf,
  firstWords,
  groups,
  type OptionName,
  options,
  optionsOf,
  type Values,
} from "./table.js";
import { UsageError } from "./usage.js";

export interface Arguments {
  readonly name: CommandName;
  /** What follows the name, besides options. */
  readonly words: readonly string[];
  readonly values: Values;
}

// For these the error says where the value belongs.
const SECRETS = ["username", "user", "password", "bearer", "token", "auth"] as const;

/** What the command line asks for; `--help` and `--version` come before all else. */
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

/** The command, whose name has one word or two, and the words behind it. */
export function commandIn(words: readonly string[]): [CommandName | undefined, readonly string[]] {
  for (const length of [2, 1]) {
    const written = words.slice(0, length).join(" ").toLowerCase();
    const name = commandNames.find((name) => name === written);
    if (name !== undefined) return [name, words.slice(length)];
  }
  return [undefined, words];
}

/** What `--help` beside these words is about: a command, the commands of one first word, or all. */
function helped(words: readonly string[]): readonly string[] {
  const [name] = commandIn(words);
  if (name !== undefined) return name.split(" ");
  return words.slice(0, 1).filter((word) => groups.includes(word.toLowerCase()));
}

function expectedCommand(word: string | undefined): string {
  if (word === undefined) return "expected a method and a path, or another command";
  const group = word.toLowerCase();
  if (!groups.includes(group)) return `the first argument: expected ${listed(firstWords)}`;
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
  if (isBody && name === "wait") return "waiting sends nothing";
  const takers = commandNames.filter((other) => optionsOf(commands[other]).includes(option));
  return `${name} does not take it; only ${listed(takers)}`;
}

function parsed(args: string[]): { values: Values; positionals: string[] } {
  const config = Object.entries(options).map(([name, { value, repeats = false, short }]) => [
    name,
    { type: value === undefined ? "boolean" : "string", multiple: repeats, ...(short && { short }) },
  ]);
  try {
    return parseArgs({ args, options: Object.fromEntries(config), allowPositionals: true });
  } catch (error) {
    // Its first sentence names the option; the rest explains how to write a path with a dash.
    const [said] = String((error as Error).message).split(/(?<=['"])\. /);
    throw new UsageError(said);
  }
}

// Before anything else is read: an error about something else must not show it either.
function refuseSecrets(args: string[]): void {
  const end = args.indexOf("--");
  const names = (end < 0 ? args : args.slice(0, end)).map((arg) => arg.split("=")[0]);
  const found = names.find((name) => SECRETS.some((secret) => name === `--${secret}`) || name === "-u");
  if (found === undefined) return;
  throw new UsageError(
    `${found}: credentials are never taken from the arguments, which others on this machine can read. ` +
      "Set DEPLOY_USERNAME and DEPLOY_PASSWORD, or DEPLOY_BEARER, or name a file by --credentials",
  );
}
