// Uploads a license file, or replaces an older one.

import type { DeployClient } from "../js/index.js";
import { isRefusal } from "./errors.js";
import { findBy } from "./objects.js";
import { carryOut, isObject, type Run, readText, wrongType } from "./run.js";
import type { Step, WorkflowOptions } from "./types.js";

interface OntapLogin {
  readonly username: string;
  readonly password: string;
}

/**
 * Uploads a NetApp license file, or replaces the file of a license that Deploy has. You can run it again. If a node
 * uses the license, Deploy passes the file on to ONTAP and needs ONTAP's login.
 *
 * @param file The file from NetApp's site: JSON with `statusResp.serialNumber`.
 * @param options `ontap`: the login of the cluster that uses the license.
 *
 * @throws The errors of {@link createCluster}, except PlanError; TypeError for an invalid file or a missing `ontap`.
 *
 * @example
 * ```ts
 * const { serialNumber } = await addLicense(deploy, await openAsBlob("license.txt"));
 * ```
 */
export function addLicense(
  deploy: DeployClient,
  file: Blob,
  options?: WorkflowOptions & {
    /** The login of the cluster that uses the license, if there is one. */
    ontap?: {
      /** The user name, such as `admin`. */
      username: string;
      /** The password of this user. */
      password: string;
    };
  },
): Promise<{
  /** The license's serial number. */
  serialNumber: string;
  /** All steps. */
  steps: readonly Step[];
}> {
  return carryOut("license", deploy, options, async (run) => {
    if (typeof file?.text !== "function") throw wrongType("file", "a Blob with a license file");
    const ontap = readLogin(options?.ontap);
    const serialNumber = await serialOf(file);
    await run.surely(() => upload(run, file, serialNumber, ontap));
    return { serialNumber, steps: run.steps };
  });
}

function readLogin(ontap: unknown): OntapLogin | undefined {
  if (ontap === undefined) return undefined;
  if (!isObject(ontap)) throw wrongType("ontap", "an object with username and password");
  return {
    username: readText("ontap.username", ontap.username, "a user's name, as a string"),
    password: readText("ontap.password", ontap.password, "a password, as a string"),
  };
}

async function serialOf(file: Blob): Promise<string> {
  let serial: unknown;
  try {
    serial = JSON.parse(await file.text())?.statusResp?.serialNumber;
  } catch {
    throw wrongType("file", "a license file, which is JSON");
  }
  // A number with twenty digits has lost precision.
  if ((typeof serial !== "string" || serial === "") && !Number.isSafeInteger(serial)) {
    throw wrongType("file", "a license file, with statusResp.serialNumber");
  }
  return String(serial);
}

async function upload(run: Run, file: Blob, serial: string, ontap: OntapLogin | undefined): Promise<void> {
  const known = await findBy(run, "/licensing/licenses", "id", serial);
  if (!known) {
    try {
      return await send(run, "POST", "/licensing/licenses", formOf(file), serial, "made");
    } catch (error) {
      // Another client may have uploaded it in between.
      if (!isRefusal(error) || !(await findBy(run, "/licensing/licenses", "id", serial))) throw error;
    }
  }
  const form = formOf(file);
  const query = { "nodes.serial_number": serial };
  const [user] = await run.deploy.list<{ name?: string }>("/clusters", { ...run.limits, query });
  if (user) {
    if (!ontap) throw wrongType("ontap", `the login of cluster "${user.name}", which uses the license`);
    form.set("ontap_username", ontap.username);
    form.set("ontap_password", ontap.password);
  }
  await send(run, "PUT", "/licensing/licenses/{serial}", form, serial, "changed");
}

async function send(
  run: Run,
  method: "POST" | "PUT",
  path: string,
  body: FormData,
  serial: string,
  done: "made" | "changed",
): Promise<void> {
  if (run.dryRun) return run.tell({ name: "license", target: serial, done: "planned" });
  const params = method === "PUT" ? { params: { serial } } : {};
  const { job } = await run.send(method, path, { ...params, body });
  run.tell({ name: "license", target: serial, done, ...(job && { job }) });
}

function formOf(file: Blob): FormData {
  const form = new FormData();
  form.set("license_file", file, (file as Partial<File>).name || "license.txt");
  return form;
}
