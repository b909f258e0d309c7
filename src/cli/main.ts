// The command ontap-select-deploy: one call, or the wait for a job, as exit code and JSON.

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
import { SUCCESS, UNKNOWN, USAGE } from "./outcome.js";
import { print, printError } from "./print.js";
import { type CommandName, NAME } from "./table.js";
import { MistakesError, UsageError } from "./usage.js";

/** Each carries out its command; the exit code. */
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

// A closed pipe, such as of `head`, is no error of this program; a full disk is one.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code !== "EPIPE") process.exitCode = UNKNOWN;
  });
}
// Node would exit with 1, which means here that the job failed.
process.on("uncaughtException", (error) => {
  printError(`a fault of this program: ${error.stack}`);
  process.exit(UNKNOWN);
});

// Not process.exit(): it would cut off output that a pipe has not read yet.
process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  try {
    const asked = readArguments(args);
    if (asked !== "version") return await run[asked.name](asked);
    print(`${version()}\n`);
    return SUCCESS;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    printError(error instanceof MistakesError ? error.message : `${error.message}\nMore: ${NAME} --help`);
    return USAGE;
  }
}

function version(): string {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}
