// The command ontap-select-deploy. It prints results as JSON and reports the outcome as its exit code.

import { readFileSync } from "node:fs";
import { type Arguments, readArguments } from "./arguments.js";
import { backup } from "./commands/backup.js";
import { call } from "./commands/call.js";
import { certificate } from "./commands/certificate.js";
import { clusterCreate } from "./commands/cluster-create.js";
import { clusterDelete } from "./commands/cluster-delete.js";
import { clusterResize } from "./commands/cluster-resize.js";
import { completion } from "./commands/completion.js";
import { ensure } from "./commands/ensure.js";
import { find } from "./commands/find.js";
import { help } from "./commands/help.js";
import { licenseAdd } from "./commands/license-add.js";
import { list } from "./commands/list.js";
import { until } from "./commands/until.js";
import { wait } from "./commands/wait.js";
import { INCOMPLETE, SUCCESS, UNKNOWN, USAGE } from "./outcome.js";
import { print, printError } from "./print.js";
import { type CommandName, NAME } from "./table.js";
import { MistakesError, UsageError } from "./usage.js";

/** Each function runs its command and returns the exit code. */
const run: Record<CommandName, (asked: Arguments) => Promise<number> | number> = {
  get: call,
  post: call,
  put: call,
  patch: call,
  delete: call,
  list,
  find,
  ensure,
  until,
  wait,
  "cluster create": clusterCreate,
  "cluster delete": clusterDelete,
  "cluster resize": clusterResize,
  "license add": licenseAdd,
  backup,
  certificate,
  completion,
  help,
};

// A closed pipe, as after `| head`, is not an error. A full disk is one.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code !== "EPIPE") process.exitCode = UNKNOWN;
  });
}
// Node would exit with 1, which here means that the job failed.
process.on("uncaughtException", (error) => {
  printError(`internal error; the outcome is unknown: ${error.stack}`);
  process.exit(UNKNOWN);
});

// process.exit() would discard output that a pipe has not read yet.
process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  let help = "--help";
  try {
    const asked = readArguments(args);
    if (asked === "version") {
      print(`${version()}\n`);
      return SUCCESS;
    }
    help = `help ${asked.name}`;
    return await run[asked.name](asked);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    if (error.command !== undefined) help = `help ${error.command}`;
    printError(error instanceof MistakesError ? error.message : `${error.message}\nHelp: ${NAME} ${help}`);
    return error instanceof MistakesError && error.hasChanged ? INCOMPLETE : USAGE;
  }
}

function version(): string {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}
