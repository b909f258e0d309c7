// The help, made of the tables of commands and options.

import {
  ALWAYS,
  CALLING,
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
  1  the job failed; its last record is on standard output
  2  wrong usage, or mistakes in a plan; nothing was done about it
  3  the outcome is unknown: a time-out, Ctrl-C, a lost connection, a 5xx; if a job
     is known, standard error says how to go on waiting for it
  4  nothing was done: the call was refused or could not be sent, or it only reads
`;

const CREDENTIALS = `Credentials are never arguments. Without --credentials they come from the environment:
  DEPLOY_USERNAME (default: admin) and DEPLOY_PASSWORD, or DEPLOY_BEARER
`;

const EXAMPLE = `Example
  export DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD
  read -rs DEPLOY_PASSWORD
  echo '{"hosts": [{"name": "esx-1.example.com", "hypervisor_type": "ESX",
    "management_server": "vcenter.example.com"}]}' >host.json
  ontap-select-deploy post /hosts --data @host.json --timeout 15m
`;

/** Of the program. */
export function helpText(): string {
  return [
    "Calls the ONTAP Select Deploy REST API and waits until the work is really over.\n",
    "Usage\n  ontap-select-deploy <command> ... [options]\n",
    `Commands\n${commandList(commandNames)}`,
    "  <path>  below the base, its query included: '/clusters?fields=name,state'\n" +
      "  More of each, with its own options and examples: ontap-select-deploy help <command>\n",
    `Options of all commands that call Deploy\n${optionList(CALLING)}`,
    `Options of all commands\n${optionList(ALWAYS)}`,
    CREDENTIALS,
    "The result goes to standard output as JSON, the progress to standard error.\n",
    EXIT_CODES,
    EXAMPLE,
  ].join("\n");
}

/** Of the commands that have a first word in common. */
export function helpOfGroup(group: string): string {
  return [
    `${NAME} ${group} <command> ... [options]\n`,
    `Commands\n${commandList(commandsOf(group))}`,
    `More of each, with its options and examples: ${NAME} help ${group} <command>\n`,
  ].join("\n");
}

/** Of one command. */
export function helpOf(name: CommandName): string {
  const { takes, says, more, options, calls, examples } = commands[name];
  const parts = [
    `ontap-select-deploy ${name} ${takes}${options.length > 0 || calls ? " [options]" : ""}\n`,
    paragraphs(`${says[0]?.toUpperCase()}${says.slice(1)}. ${more ?? ""}`),
  ];
  if (options.length > 0) parts.push(`Options\n${optionList(options)}`);
  if (calls) parts.push(`Options of all commands that call Deploy\n${optionList(CALLING)}`, CREDENTIALS);
  parts.push(`Examples\n${examples.map((line) => `  ${line}\n`).join("")}`);
  if (calls) parts.push(EXIT_CODES);
  return parts.join("\n");
}

function commandList(names: readonly CommandName[]): string {
  return names.map((name) => entry(`${name} ${commands[name].takes}`, `${commands[name].says}.`)).join("");
}

function optionList(names: readonly OptionName[]): string {
  return names
    .map((name) => {
      const { value, repeats, short, says } = options[name];
      const head = `${short ? `-${short}, ` : ""}--${name}${value === undefined ? "" : ` ${value}`}`;
      return entry(head, `${says}${repeats ? " May be given several times." : ""}`);
    })
    .join("");
}

/** A head, and what it means in a column of its own. */
function entry(head: string, says: string): string {
  const lines = wrapped(says, WIDTH - COLUMN);
  const first = " ".repeat(INDENT) + head;
  // A head that reaches into the column gets a line of its own.
  const [start, rest] =
    first.length < COLUMN - 1 ? [first.padEnd(COLUMN) + lines[0], lines.slice(1)] : [first, lines];
  return [start, ...rest.map((line) => " ".repeat(COLUMN) + line)].map((line) => `${line}\n`).join("");
}

/** Each line of the text is a paragraph. */
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
