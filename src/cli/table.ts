// The commands and the options. The parser, the help and the completion scripts are made of these two tables.

export const NAME = "ontap-select-deploy";

export interface Option {
  /** What stands for the value in the help. A flag has none. */
  readonly value?: string;
  /** It may be given several times. */
  readonly repeats?: boolean;
  readonly short?: string;
  readonly says: string;
  /** What a shell completes as the value: the name of a file, alone or behind `@`. */
  readonly completes?: "file" | "@file";
}

const OPTIONS = {
  param: {
    value: "NAME=VALUE",
    repeats: true,
    says: "fills {NAME} in the path with the value, which is encoded.",
  },
  data: {
    value: "JSON",
    says:
      "the body; @FILE reads a file, @- standard input. What is secret belongs in a file: " +
      "others on this machine see the arguments.",
    completes: "@file",
  },
  form: {
    value: "NAME=VALUE",
    repeats: true,
    says:
      "a part of a multipart form. NAME=@FILE sends a file. NAME=<FILE sends the text in a file " +
      "without its last line end, such as a password; NAME=<- the text of standard input.",
    completes: "@file",
  },
  "post-query": {
    value: "NAME=VALUE",
    repeats: true,
    says: "the query of the POST, where one is needed, such as node_count=1.",
  },
  output: {
    value: "FILE",
    says:
      "where to write what comes, as it is and of any length; - is standard output. FILE has another name until " +
      "all of it is there, and replaces an older one.",
    completes: "file",
  },
  pem: { says: "the certificate itself on standard output, as --ca takes it." },
  "dry-run": { says: "reads and checks, shows the steps, and changes nothing." },
  yes: { says: "does not ask first. Without a terminal nobody is asked." },
  "inhibit-rollback": {
    says: "leaves what a failed deploy has made, for a look. Without it Deploy takes that back.",
  },
  node: {
    value: "NAME",
    repeats: true,
    says: "a node to resize; both nodes of an HA pair have to be named. Default: all nodes.",
  },
  "password-file": {
    value: "FILE",
    says:
      "the password, in place of the variable of the environment; - is standard input. A line end behind it " +
      "does not count.",
    completes: "file",
  },
  fields: { value: "A,B", says: "the members that a record is to have; '*' stands for most, '**' for all." },
  lines: { says: "one record a line, in place of one array." },
  base: { value: "URL", says: "where the API is: https://deploy.example.com/api. Or DEPLOY_URL." },
  header: { value: "'NAME: VALUE'", repeats: true, says: "a header of every request." },
  timeout: { value: "SPAN", says: "the longest to wait: 90s, 15m, 2h, 1h30m. Default: no limit." },
  "request-timeout": {
    value: "SPAN",
    says: "the longest that one request may take. Default: 30s, and 1s more for each megabyte of --form.",
  },
  "max-response-bytes": { value: "N", says: "the longest answer that is read. Default: 1048576." },
  credentials: {
    value: "FILE",
    says:
      '{"username": …, "password": …} or {"bearer": …}, and "headers" if they are secret; ' +
      "readable by you alone.",
    completes: "file",
  },
  ca: { value: "FILE", says: "trusts the certificates in this PEM file, and no others.", completes: "file" },
  fingerprint: {
    value: "SHA256",
    repeats: true,
    says: "trusts the certificate with this fingerprint, and no other, whatever its name. See: help certificate.",
  },
  quiet: { says: "no progress." },
  help: { short: "h", says: "how the command is used." },
  version: { says: "the version of this program." },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;
export const optionNames = Object.keys(OPTIONS) as OptionName[];
export const options: Readonly<Record<OptionName, Option>> = OPTIONS;

/** The values of the options that were given. */
export type Values = {
  readonly [Name in OptionName]?: (typeof OPTIONS)[Name] extends { value: string }
    ? (typeof OPTIONS)[Name] extends { repeats: true }
      ? string[]
      : string
    : boolean;
};

const CHANGE =
  "Sends one call, once. Prints the answer's status, body, location and requestId, the path and id of what was " +
  "created, and the job as it ended if the call became one, as JSON.";

/** What every command takes that calls Deploy. */
export const CALLING = [
  "base",
  "header",
  "timeout",
  "request-timeout",
  "max-response-bytes",
  "credentials",
  "ca",
  "fingerprint",
  "quiet",
] as const;

/** What every command takes. */
export const ALWAYS = ["help", "version"] as const satisfies OptionName[];

/** What a shell offers for an argument: words, the commands, files, or nothing. */
export type Offer = readonly string[] | "commands" | "file";

export interface Command {
  /** What follows its name. */
  readonly takes: string;
  /** In one line, for the list of commands. */
  readonly says: string;
  readonly more?: string;
  /** Besides those that every command takes. */
  readonly options: readonly OptionName[];
  /** Whether it calls Deploy, and takes the options that all such commands take. */
  readonly calls?: boolean;
  /** What a shell offers as each of its arguments. */
  readonly words?: readonly Offer[];
  /** Lines of a shell. A test runs them. */
  readonly examples: readonly string[];
}

const SHELLS = ["bash", "zsh", "fish"] as const;

/** The sizes of a node. */
export const SIZES = ["small", "medium", "large", "xlarge"] as const;

const RUN_AGAIN =
  "To run it again does no harm: what is done is found, and a job that runs is followed to its end. ";

/** In the order of the help. */
const COMMANDS = {
  get: {
    takes: "<path>",
    says: "reads",
    more:
      "Prints the answer's status, body and requestId as JSON. With --output the body may be anything, such as the " +
      "download_url of a backup, and what is printed is status, name, type, file and bytes.",
    options: ["param", "output"],
    calls: true,
    examples: [
      `ontap-select-deploy get '/clusters?fields=name,state'`,
      `ontap-select-deploy get /clusters/{id} --param id="$id"`,
      `ontap-select-deploy get "$download_url" --output backup.tar.gz`,
    ],
  },
  post: {
    takes: "<path>",
    says: "creates, or starts something, and follows the job to its end",
    more: CHANGE,
    options: ["param", "data", "form"],
    calls: true,
    examples: [
      `echo '{"hosts": [{"name": "esx-2.example.com", "hypervisor_type": "ESX",`,
      `  "management_server": "vcenter.example.com"}]}' >host.json`,
      "ontap-select-deploy post /hosts --data @host.json --timeout 15m",
      'ontap-select-deploy post /clusters/{id}/deploy --param id="$id" --data @deploy.json',
      "ontap-select-deploy post /licensing/licenses --form license_file=@license.nlf",
    ],
  },
  put: {
    takes: "<path>",
    says: "replaces, and follows the job to its end",
    more: CHANGE,
    options: ["param", "data", "form"],
    calls: true,
    examples: [
      "ontap-select-deploy put /licensing/licenses/{id} --param id=320000001 \\",
      "  --form license_file=@license.nlf --form ontap_username=admin \\",
      "  --form 'ontap_password=<ontap-password.txt'",
    ],
  },
  patch: {
    takes: "<path>",
    says: "changes, and follows the job to its end",
    more: CHANGE,
    options: ["param", "data", "form"],
    calls: true,
    examples: [
      `ontap-select-deploy patch /clusters/{id} --param id="$id" \\`,
      `  --data '{"availability": "powered_off"}'`,
    ],
  },
  delete: {
    takes: "<path>",
    says: "deletes, and follows the job to its end",
    more: CHANGE,
    options: ["param", "data"],
    calls: true,
    examples: [`ontap-select-deploy delete /clusters/{id} --param id="$id"`],
  },
  wait: {
    takes: "<job-id|token>",
    says: "follows a job that exists already to its end",
    more: "A token is what standard error tells for going on, when a command ends before its job.",
    options: [],
    calls: true,
    examples: [`ontap-select-deploy wait "$job" --timeout 30m`],
  },
  list: {
    takes: "<path> [name=value ...]",
    says: "prints the records of a collection, all or those that match",
    more: "Without --fields Deploy gives the id and the name of each.",
    options: ["param", "fields", "lines"],
    calls: true,
    examples: [
      "ontap-select-deploy list /clusters --fields name,state",
      "ontap-select-deploy list /hosts --lines | wc -l",
    ],
  },
  find: {
    takes: "<path> <name=value> ...",
    says: "prints the first record that matches, or null",
    more: "Several pairs have to match together. Exit code 0 in both cases.",
    options: ["param", "fields"],
    calls: true,
    examples: ["ontap-select-deploy find /clusters name=c1 --fields state"],
  },
  ensure: {
    takes: "<path> <name=value> ...",
    says: "creates an object unless it is there, and prints its record",
    more:
      "What the pairs find is there already. Otherwise --data or --form is sent by a POST, once, and its job is " +
      "followed to the end. Standard error says created or found. To run it again does no harm.",
    options: ["param", "data", "form", "post-query", "fields"],
    calls: true,
    examples: [
      "ontap-select-deploy ensure /clusters name=c2 \\",
      `  --data '{"name": "c2"}' --post-query node_count=1`,
      "ontap-select-deploy ensure /licensing/licenses id=320000009 \\",
      "  --form license_file=@license.nlf",
    ],
  },
  until: {
    takes: "<path> <member=value> ...",
    says: "reads an object until its members are as they should be, and prints its record",
    more:
      "member=value or member!=value, several of them together. a.b is the member b of a, and a.0 the first of the " +
      "list a. A member that the record does not have meets neither. Without --fields it asks for these members.",
    options: ["param", "fields"],
    calls: true,
    examples: [`ontap-select-deploy until /clusters/{id} --param id="$id" state=powered_on --timeout 10m`],
  },
  "cluster create": {
    takes: "<plan.json>",
    says: "creates and deploys the cluster that a plan describes",
    more:
      "The plan is the JSON input of NetApp's sample cluster.py. All of it is checked before anything is sent. On a " +
      `terminal the steps are shown first, and you are asked. ${RUN_AGAIN}` +
      "Prints id, job and steps as JSON.\n" +
      'A password in the plan is a text, {"env": "NAME"} or {"file": "path"}. Where one is left out, it comes from ' +
      "VCENTER_PASSWORD, HOST_PASSWORD or CLUSTER_PASSWORD.\n" +
      "dist/plan.schema.json of this package describes each member: with it an editor completes and checks the plan.",
    options: ["dry-run", "yes", "inhibit-rollback"],
    calls: true,
    words: ["file"],
    examples: [
      `echo '{"vcenter": {"hostname": "vcenter.example.com", "username": "admin"},`,
      '  "hosts": [{"name": "esx-1.example.com", "type": "ESX",',
      '    "mgmt_server": "vcenter.example.com"}],',
      '  "cluster": {"name": "head-office", "ip": "192.0.2.30", "netmask": "255.255.255.0",',
      '    "gateway": "192.0.2.1"},',
      '  "nodes": [{"host_name": "esx-1.example.com", "ip": "192.0.2.31",',
      '    "instance_type": "small", "networks": [{"purpose": "mgmt", "name": "VM Network"},',
      '      {"purpose": "data", "name": "VM Network"}],',
      `    "storage": {"pools": [{"name": "datastore1", "capacity": "2 TiB"}]}}]}' >plan.json`,
      "export VCENTER_PASSWORD CLUSTER_PASSWORD",
      "ontap-select-deploy cluster create plan.json --dry-run",
      "ontap-select-deploy cluster create plan.json --yes --timeout 3h",
    ],
  },
  "cluster delete": {
    takes: "<name>",
    says: "powers a cluster off, and deletes it with all its data",
    more:
      "On a terminal the steps are shown first, and you are asked for the cluster's name. A cluster that is not there " +
      `is deleted already. ${RUN_AGAIN}Prints the steps as JSON.`,
    options: ["dry-run", "yes"],
    calls: true,
    examples: [
      "ontap-select-deploy cluster delete branch-office --dry-run",
      "ontap-select-deploy cluster delete branch-office --yes",
    ],
  },
  "cluster resize": {
    takes: "<name> <size>",
    says: "gives the nodes of a cluster another size",
    more:
      `The sizes are ${SIZES.slice(0, -1).join(", ")} and ${SIZES.at(-1)}. The password of ONTAP's user admin comes from ` +
      `CLUSTER_PASSWORD or --password-file. ${RUN_AGAIN}Prints job and steps as JSON.`,
    options: ["node", "dry-run", "password-file"],
    calls: true,
    words: [[], SIZES],
    examples: [
      "ontap-select-deploy cluster resize branch-office medium \\",
      "  --password-file ontap-password.txt",
    ],
  },
  "license add": {
    takes: "<file>",
    says: "uploads a license file, or a newer one in its place",
    more:
      "Where a cluster uses the license, ONTAP's login is needed: CLUSTER_USERNAME (default: admin), and " +
      "CLUSTER_PASSWORD or --password-file. Prints serialNumber and steps as JSON.",
    options: ["dry-run", "password-file"],
    calls: true,
    words: ["file"],
    examples: [
      "ontap-select-deploy license add license.nlf",
      "CLUSTER_USERNAME=admin ontap-select-deploy license add license.nlf \\",
      "  --password-file ontap-password.txt",
    ],
  },
  backup: {
    takes: "--output <file>",
    says: "backs up the Deploy VM into a file",
    more:
      "The password protects the file, and is needed to restore it. It comes from BACKUP_PASSWORD or --password-file. " +
      "The VM keeps no copy. Prints name, type, file and bytes as JSON; with - as the file, nothing.",
    options: ["output", "password-file"],
    calls: true,
    examples: [
      "ontap-select-deploy backup --output backup.tar.gz --password-file backup-password.txt",
      "ontap-select-deploy backup --output - --password-file backup-password.txt | sha256sum",
    ],
  },
  certificate: {
    takes: "[address]",
    says: "prints the certificate that a server shows, for you to compare",
    more:
      "Prints fingerprint256, subject, names, validFrom and validTo as JSON. It trusts nothing and sends no request. " +
      "With --output the certificate itself goes to a file as well. Without an address it asks DEPLOY_URL.",
    options: ["pem", "output", "quiet"],
    examples: [
      "ontap-select-deploy certificate",
      "ontap-select-deploy certificate deploy.example.com:443 --pem >deploy.pem",
    ],
  },
  completion: {
    takes: "<bash|zsh|fish>",
    says: "prints a script by which a shell completes this command",
    options: [],
    words: [SHELLS],
    examples: ["ontap-select-deploy completion bash >ontap-select-deploy.bash"],
  },
  help: {
    takes: "[command]",
    says: "says how the program, or one of its commands, is used",
    options: [],
    words: ["commands"],
    examples: ["ontap-select-deploy help post"],
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof COMMANDS;
export const commands: Readonly<Record<CommandName, Command>> = COMMANDS;
export const commandNames = Object.keys(COMMANDS) as CommandName[];

/** All that a command takes, in the order of the help. */
export function optionsOf({ options, calls }: Command): OptionName[] {
  return [...options, ...(calls ? CALLING : []), ...ALWAYS];
}

/** The words before the second one of commands that have two: `cluster`. */
export const groups: readonly string[] = [
  ...new Set(commandNames.filter((name) => name.includes(" ")).map(firstWord)),
];

export const firstWords: readonly string[] = [...new Set(commandNames.map(firstWord))];

/** The commands whose first word this is. */
export function commandsOf(group: string): CommandName[] {
  return commandNames.filter((name) => firstWord(name) === group);
}

function firstWord(name: string): string {
  return name.split(" ", 1).join();
}

/** What is offered for each argument of a command. */
export function offersOf({ words = [] }: Command): readonly (readonly string[] | "file")[] {
  return words.map((offer) => (offer === "commands" ? firstWords : offer));
}

/** What may stand before the command's name. */
export const startOptions: readonly OptionName[] = [...CALLING, ...ALWAYS];
