// The tables of commands and options. The parser, the help and the completion scripts are generated from them.

export const NAME = "ontap-select-deploy";

export interface Option {
  /** The placeholder for the value in the help. A flag has none. */
  readonly value?: string;
  /** Whether the option can be repeated. */
  readonly repeats?: boolean;
  readonly short?: string;
  readonly says: string;
  /** What a shell completes as the value: a file name, alone or after `@`. */
  readonly completes?: "file" | "@file";
}

const OPTIONS = {
  param: {
    value: "NAME=VALUE",
    repeats: true,
    says: "replace {NAME} in the path with the encoded value.",
  },
  data: {
    value: "JSON",
    says:
      "the request body; @FILE reads a file, @- standard input. Put secrets in a file: " +
      "other users of this machine can read arguments.",
    completes: "@file",
  },
  form: {
    value: "NAME=VALUE",
    repeats: true,
    says:
      "one part of a multipart form. NAME=@FILE sends a file. NAME=<FILE sends the contents of a file as text, " +
      "without the final line break, for passwords. NAME=<- reads standard input.",
    completes: "@file",
  },
  "post-query": {
    value: "NAME=VALUE",
    repeats: true,
    says: "a query parameter of the POST, such as node_count=1.",
  },
  output: {
    value: "FILE",
    says:
      "write the data to FILE; - is standard output. There is no size limit. An existing FILE is replaced only " +
      "when the data is complete.",
    completes: "file",
  },
  pem: { says: "print the certificate itself, in the form that --ca reads." },
  "dry-run": { says: "show the steps and check them against the server, but change nothing." },
  yes: { says: "do not ask for confirmation. Without a terminal the command never asks." },
  "inhibit-rollback": {
    says: "keep what a failed deploy has created, for troubleshooting. By default Deploy removes it.",
  },
  node: {
    value: "NAME",
    repeats: true,
    says: "a node to resize; name both nodes of an HA pair. Default: all nodes.",
  },
  "password-file": {
    value: "FILE",
    says:
      "read the password from FILE instead of the environment; - is standard input. A final line break " +
      "is ignored.",
    completes: "file",
  },
  fields: {
    value: "A,B",
    says: "the members to request for each record; '*' requests most of them, '**' all.",
  },
  lines: { says: "print one record per line instead of one array." },
  base: { value: "URL", says: "the URL of the API: https://deploy.example.com/api. Default: DEPLOY_URL." },
  header: { value: "'NAME: VALUE'", repeats: true, says: "a header to add to every request." },
  timeout: { value: "DURATION", says: "how long to wait in total: 90s, 15m, 2h, 1h30m. Default: no limit." },
  "request-timeout": {
    value: "DURATION",
    says: "the time limit of one request. Default: 30s, plus 1s per megabyte of uploaded files.",
  },
  "max-response-bytes": { value: "N", says: "the largest response body to accept. Default: 1048576." },
  credentials: {
    value: "FILE",
    says:
      'a JSON file with {"username": …, "password": …} or {"bearer": …}. Secret headers go under "headers". ' +
      "The file must be private (chmod 600).",
    completes: "file",
  },
  ca: {
    value: "FILE",
    says: "trust only the certificates in this PEM file. Default: DEPLOY_CA.",
    completes: "file",
  },
  fingerprint: {
    value: "SHA256",
    repeats: true,
    says:
      "trust only the certificate with this fingerprint. Its name does not matter. Default: DEPLOY_FINGERPRINT. " +
      "See: help certificate.",
  },
  quiet: { says: "do not print progress." },
  help: { short: "h", says: "show the help." },
  version: { says: "print the version of this program." },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;
export const optionNames = Object.keys(OPTIONS) as OptionName[];
export const options: Readonly<Record<OptionName, Option>> = OPTIONS;

/** The values of the options on the command line. */
export type Values = {
  readonly [Name in OptionName]?: (typeof OPTIONS)[Name] extends { value: string }
    ? (typeof OPTIONS)[Name] extends { repeats: true }
      ? string[]
      : string
    : boolean;
};

const CHANGE =
  "Sends the call once. Prints JSON: the response's status, body, location and requestId, the path and id of a " +
  "created object, and the finished job if the call started one.";

/** The options of every command that calls Deploy. */
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

/** The options of every command. */
export const ALWAYS = ["help", "version"] as const satisfies OptionName[];

/** What a shell completes for an argument: words, the commands, files, or nothing. */
export type Offer = readonly string[] | "commands" | "file";

export interface Command {
  /** The arguments, as the help shows them. */
  readonly takes: string;
  /** One line for the list of commands. */
  readonly says: string;
  readonly more?: string;
  /** The options that are not common to all commands. */
  readonly options: readonly OptionName[];
  /** What an option means here, if it is not what it means in other commands. */
  readonly saysOf?: Readonly<Partial<Record<OptionName, string>>>;
  /** Whether it calls Deploy and has the options in `CALLING`. */
  readonly calls?: boolean;
  /** What a shell completes for each argument. */
  readonly words?: readonly Offer[];
  /** Shell commands. A test runs them. */
  readonly examples: readonly string[];
}

const SHELLS = ["bash", "zsh", "fish"] as const;

/** The sizes of a node. */
export const SIZES = ["small", "medium", "large", "xlarge"] as const;

const RUN_AGAIN =
  "You can run it again at any time: it skips finished steps and waits for a job that is still running. ";

/** In the order of the help. */
const COMMANDS = {
  get: {
    takes: "<path>",
    says: "reads an object or a collection",
    more:
      "Prints the response's status, body and requestId as JSON. With --output it saves any kind of body, such as " +
      "the backup behind a download_url, and prints status, name, type, file and bytes.",
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
    says: "creates an object or starts an operation, and waits for the job",
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
    says: "replaces an object, and waits for the job",
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
    says: "changes an object, and waits for the job",
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
    says: "deletes an object, and waits for the job",
    more: CHANGE,
    options: ["param", "data"],
    calls: true,
    examples: [`ontap-select-deploy delete /clusters/{id} --param id="$id"`],
  },
  wait: {
    takes: "<job-id|token>",
    says: "waits for an existing job",
    more: "A command that ends before its job prints a token for this on standard error.",
    options: [],
    calls: true,
    examples: [`ontap-select-deploy wait "$job" --timeout 30m`],
  },
  list: {
    takes: "<path> [name=value ...]",
    says: "prints the records of a collection, all or those that match",
    more: "Without --fields Deploy returns only the id and the name of each record.",
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
    more: "The record must match all pairs. The exit code is 0 in both cases.",
    options: ["param", "fields"],
    calls: true,
    examples: ["ontap-select-deploy find /clusters name=c1 --fields state"],
  },
  ensure: {
    takes: "<path> <name=value> ...",
    says: "creates an object unless it exists, and prints its record",
    more:
      "An object that matches all pairs is kept as it is. If there is none, the command sends --data or --form once, " +
      "in a POST, and waits for the job. It prints created or found to standard error. You can run it again at any time.",
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
    says: "waits until an object meets all conditions, and prints its record",
    more:
      "A condition is member=value or member!=value. a.b is the member b of a; a.0 is the first entry of the list a. " +
      "A missing member meets no condition, not even !=. Without --fields the command requests the members in the " +
      "conditions.",
    options: ["param", "fields"],
    calls: true,
    examples: [`ontap-select-deploy until /clusters/{id} --param id="$id" state=powered_on --timeout 10m`],
  },
  "cluster create": {
    takes: "<plan.json>",
    says: "creates and deploys the cluster that a plan describes",
    more:
      "The plan has the format of NetApp's sample cluster.py. The command checks the whole plan before it sends " +
      `anything. On a terminal it shows the steps and asks for confirmation. ${RUN_AGAIN}` +
      "Prints id, job and steps as JSON.\n" +
      'A password in the plan is a string, {"env": "NAME"} or {"file": "path"}. A password that the plan omits comes ' +
      "from VCENTER_PASSWORD, HOST_PASSWORD or CLUSTER_PASSWORD.\n" +
      "Editors can complete and check the plan with dist/plan.schema.json of this package.",
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
    says: "powers a cluster off and deletes it with all its data",
    more:
      "On a terminal it shows the steps and asks you to type the cluster's name. If there is no such cluster, the " +
      `command succeeds. ${RUN_AGAIN}Prints the steps as JSON.`,
    options: ["dry-run", "yes"],
    calls: true,
    examples: [
      "ontap-select-deploy cluster delete branch-office --dry-run",
      "ontap-select-deploy cluster delete branch-office --yes",
    ],
  },
  "cluster resize": {
    takes: "<name> <size>",
    says: "changes the size of a cluster's nodes",
    more:
      `The sizes are ${SIZES.slice(0, -1).join(", ")} and ${SIZES.at(-1)}. ONTAP's admin password comes from ` +
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
    says: "uploads a license file, or replaces an existing one",
    more:
      "If a cluster uses the license, the command needs ONTAP's login: CLUSTER_USERNAME (default: admin), and " +
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
    says: "saves a backup of the Deploy VM to a file",
    more:
      "The password protects the backup. You need it to restore the VM. It comes from BACKUP_PASSWORD or " +
      "--password-file. The command deletes the VM's own copy. It prints name, type, file and bytes as JSON, and " +
      "nothing with --output -.",
    options: ["output", "password-file"],
    calls: true,
    examples: [
      "ontap-select-deploy backup --output backup.tar.gz --password-file backup-password.txt",
      "ontap-select-deploy backup --output - --password-file backup-password.txt | sha256sum",
    ],
  },
  certificate: {
    takes: "[address]",
    says: "prints the certificate that a server presents, so that you can verify it",
    more:
      "Prints fingerprint256, subject, names, validFrom and validTo as JSON. It sends no request and no credential. " +
      "With --output it also saves the certificate to a file. The default address is DEPLOY_URL.",
    options: ["pem", "output", "quiet"],
    saysOf: { output: "save the certificate in FILE, in PEM form, for --ca; - is standard output." },
    examples: [
      "ontap-select-deploy certificate",
      "ontap-select-deploy certificate deploy.example.com:443 --pem >deploy.pem",
    ],
  },
  completion: {
    takes: "<bash|zsh|fish>",
    says: "prints the completion script for a shell",
    options: [],
    words: [SHELLS],
    examples: ["ontap-select-deploy completion bash >ontap-select-deploy.bash"],
  },
  help: {
    takes: "[command]",
    says: "shows the help of the program or of one command",
    options: [],
    words: ["commands"],
    examples: ["ontap-select-deploy help post"],
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof COMMANDS;
export const commands: Readonly<Record<CommandName, Command>> = COMMANDS;
export const commandNames = Object.keys(COMMANDS) as CommandName[];

/** All options of a command, in the order of the help. */
export function optionsOf({ options, calls }: Command): OptionName[] {
  return [...options, ...(calls ? CALLING : []), ...ALWAYS];
}

/** The first words of the two-word commands, such as `cluster`. */
export const groups: readonly string[] = [
  ...new Set(commandNames.filter((name) => name.includes(" ")).map(firstWord)),
];

export const firstWords: readonly string[] = [...new Set(commandNames.map(firstWord))];

/** The commands that start with this word. */
export function commandsOf(group: string): CommandName[] {
  return commandNames.filter((name) => firstWord(name) === group);
}

function firstWord(name: string): string {
  return name.split(" ", 1).join();
}

/** What a shell completes for each argument of a command. */
export function offersOf({ words = [] }: Command): readonly (readonly string[] | "file")[] {
  return words.map((offer) => (offer === "commands" ? firstWords : offer));
}

/** The options that may precede the command. */
export const startOptions: readonly OptionName[] = [...CALLING, ...ALWAYS];
