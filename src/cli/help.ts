// The help, generated from the tables of commands and options.

import {
  ALWAYS,
  CALLING,
  type Command,
  type CommandName,
  commandNames,
  commands,
  commandsOf,
  NAME,
  type OptionName,
  options,
} from "./table.js";

const WIDTH = 88;
const INDENT = 2;
const COLUMN = 26;

const EXIT_CODES = `Exit codes
  0  success
  1  the job failed; standard output has its last record. Or a call was refused after
     earlier steps had changed something; those steps stay
  2  wrong usage, or mistakes in a plan; the command changed nothing
  3  the outcome is unknown: timeout, Ctrl-C, lost connection or 5xx response; if there
     is a job, standard error shows the command that keeps waiting for it
  4  nothing changed: the call was refused or not sent, or a read failed
`;

const CREDENTIALS = `Credentials come from --credentials or from the environment, never from arguments:
  DEPLOY_USERNAME (default: admin) and DEPLOY_PASSWORD, or DEPLOY_BEARER
DEPLOY_FINGERPRINT and DEPLOY_CA apply only without --fingerprint and --ca.
`;

const EXAMPLE = `Example
  export DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD
  read -rsp 'Deploy: ' DEPLOY_PASSWORD
  echo '{"hosts": [{"name": "esx-1.example.com", "hypervisor_type": "ESX",
    "management_server": "vcenter.example.com"}]}' >host.json
  ontap-select-deploy post /hosts --data @host.json --timeout 15m
`;

/** The help of the program. */
export function helpText(): string {
  return [
    "Calls the ONTAP Select Deploy REST API and waits until its jobs have finished.\n",
    "Usage\n  ontap-select-deploy <command> ... [options]\n",
    `Commands\n${commandList(commandNames)}`,
    "  <path>  relative to the base URL, with the query: '/clusters?fields=name,state'\n" +
      "  Options and examples of a command: ontap-select-deploy help <command>\n",
    `Options of all commands that call Deploy\n${optionList(CALLING)}`,
    `Options of all commands\n${optionList(ALWAYS)}`,
    CREDENTIALS,
    "The result goes to standard output as JSON. Progress goes to standard error.\n",
    EXIT_CODES,
    EXAMPLE,
  ].join("\n");
}

/** The help of the commands that share a first word. */
export function helpOfGroup(group: string): string {
  return [
    `${NAME} ${group} <command> ... [options]\n`,
    `Commands\n${commandList(commandsOf(group))}`,
    `Options and examples of a command: ${NAME} help ${group} <command>\n`,
  ].join("\n");
}

/** The help of one command. */
export function helpOf(name: CommandName): string {
  const { takes, says, more, options, saysOf, calls, examples } = commands[name];
  const parts = [
    `ontap-select-deploy ${name} ${takes}${options.length > 0 || calls ? " [options]" : ""}\n`,
    paragraphs(`${says[0]?.toUpperCase()}${says.slice(1)}. ${more ?? ""}`),
  ];
  if (options.length > 0) parts.push(`Options\n${optionList(options, saysOf)}`);
  if (calls) parts.push(`Options of all commands that call Deploy\n${optionList(CALLING)}`, CREDENTIALS);
  parts.push(`Examples\n${examples.map((line) => `  ${line}\n`).join("")}`);
  if (calls) parts.push(EXIT_CODES);
  return parts.join("\n");
}

function commandList(names: readonly CommandName[]): string {
  return names.map((name) => entry(`${name} ${commands[name].takes}`, `${commands[name].says}.`)).join("");
}

function optionList(names: readonly OptionName[], instead: Command["saysOf"] = {}): string {
  return names
    .map((name) => {
      const { value, repeats, short, says } = options[name];
      const head = `${short ? `-${short}, ` : ""}--${name}${value === undefined ? "" : ` ${value}`}`;
      return entry(head, `${instead[name] ?? says}${repeats ? " Repeatable." : ""}`);
    })
    .join("");
}

/** A head, with its description in a second column. */
function entry(head: string, says: string): string {
  const lines = wrapped(says, WIDTH - COLUMN);
  const first = " ".repeat(INDENT) + head;
  // A head that is too long for the first column gets its own line.
  const [start, rest] =
    first.length < COLUMN - 1 ? [first.padEnd(COLUMN) + lines[0], lines.slice(1)] : [first, lines];
  return [start, ...rest.map((line) => " ".repeat(COLUMN) + line)].map((line) => `${line}\n`).join("");
}

/** Wraps each line of the string as a paragraph. */
function paragraphs(text: string): string {
  const wrappedEach = text.split("\n").map((line) => `${wrapped(line.trim(), WIDTH).join("\n")}\n`);
  return wrappedEach.join("\n");
}

function wrapped(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
