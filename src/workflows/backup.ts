// A backup of the Deploy VM: made by a job, given as a stream, and removed from the VM at the end.

import type { DeployClient, Download } from "../js/index.js";
import { isJobFailure, isMissing, WorkflowError } from "./errors.js";
import { carryOut, type Run, readText } from "./run.js";
import type { WorkflowOptions } from "./types.js";

/**
 * A backup's file, with word of what the VM keeps of it.
 *
 * @example
 * ```ts
 * const { body, removed }: BackupDownload = await backup(deploy, password);
 * await pipeline(body, createWriteStream("deploy.tar.gz"));
 * await removed;
 * ```
 */
export interface BackupDownload extends Download {
  /** The file as it comes. Read it or cancel it: until then the VM keeps its copy. A connection that breaks rejects. */
  readonly body: ReadableStream<Uint8Array>;
  /**
   * Resolves once the VM's own copy is removed, after the stream has been read, left or aborted. Rejects with the
   * client's error if it stays; nothing happens where nobody looks at it.
   */
  readonly removed: Promise<void>;
}

/**
 * Backs up the Deploy VM: starts the backup, follows its job, and gives the file as a stream. The VM keeps no copy: it
 * is removed once the stream has been read to its end, or was left or aborted. Read it or cancel it.
 *
 * `timeout` applies until the stream begins, `signal` to its end. A job that is left by them goes on, and its copy stays
 * on the VM. A dry run gives an empty file.
 *
 * @param password Protects the file: it is needed to restore it.
 *
 * @throws As {@link createCluster}, without PlanError.
 *
 * @example
 * ```ts
 * const { body, name = "backup.tar.gz" } = await backup(deploy, process.env.BACKUP_PASSWORD ?? "");
 * await pipeline(body, createWriteStream(name));
 * ```
 */
export function backup(
  deploy: DeployClient,
  password: string,
  options?: WorkflowOptions,
): Promise<BackupDownload> {
  return carryOut(deploy, options, async (run) => {
    readText("password", password, "a password that protects the file, as a string");
    if (run.dryRun) {
      run.tell({ name: "backup", target: "Deploy", done: "planned" });
      return { status: 204, body: new Blob().stream(), size: 0, removed: Promise.resolve() };
    }
    run.advise("Deploy may keep a backup from this run. The next run creates a new one.");
    // The job is shown by its wait alone.
    const { onProgress: _, ...limits } = run.limits;
    const handle = await run.deploy.submit("POST", "/backups", { ...limits, body: { password } });
    const path = handle.response?.path;
    if (path === undefined)
      throw new WorkflowError("Deploy accepted the backup but did not send its address", "unknown");
    run.advise(`Deploy may keep the backup from this run, at ${path}. The next run creates a new one.`);
    const remove = once(() => removeCopy(run, path));
    let isOver = false;
    try {
      const job = await handle.result(run.limits);
      isOver = true;
      run.tell({ name: "backup", target: path, done: "made", ...(job.id !== "" && { job }) });
      const query = { fields: "download_url" };
      const { download_url } = await run.deploy.read<{ download_url?: unknown }>(path, {
        ...run.limits,
        query,
      });
      if (typeof download_url !== "string")
        throw new WorkflowError("Deploy created a backup without a download_url");
      const file = await fetchFile(run, download_url, path);
      return Object.freeze({ ...file, ...removing(file.body, remove) });
    } catch (error) {
      // While its job runs it cannot be removed. What went wrong first is what counts.
      if (isOver || isJobFailure(error)) await remove().catch(() => {});
      throw error;
    }
  });
}

/**
 * The address may begin with a name that the VM has for itself, behind a proxy or beside `/api/v3`. What counts is the
 * part below the base.
 */
async function fetchFile(run: Run, address: string, path: string): Promise<Download> {
  try {
    return await run.deploy.download(address, run.limits);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  const { pathname, search } = new URL(address, "http://deploy.invalid");
  const at = pathname.lastIndexOf(`${path}/`);
  if (at < 0) throw new WorkflowError(`Deploy created a backup whose download_url is not below ${path}`);
  return run.deploy.download(pathname.slice(at) + search, run.limits);
}

/** The same bytes, and the removal once nobody wants more of them. */
function removing(
  body: ReadableStream<Uint8Array>,
  remove: () => Promise<void>,
): Pick<BackupDownload, "body" | "removed"> {
  const reader = body.getReader();
  let settle: (removal: Promise<void>) => void = () => {};
  const removed = new Promise<void>((resolve) => {
    settle = resolve;
  });
  removed.catch(() => {});
  const over = async () => {
    const removal = remove();
    settle(removal);
    await removal.catch(() => {});
  };
  // A stream that is aborted, or whose connection breaks, ends also where nobody reads on.
  reader.closed.catch(over);
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { value, done } = await reader.read();
          if (!done) return controller.enqueue(value);
        } catch (error) {
          await over();
          throw error;
        }
        await over();
        controller.close();
      },
      cancel: async (reason) => {
        await reader.cancel(reason).catch(() => {});
        await over();
      },
    },
    // Nothing is read that nobody asks for.
    { highWaterMark: 0 },
  );
  return { body: stream, removed };
}

/** Not with the limits of the run: it is what is left to do when these have ended it. */
async function removeCopy(run: Run, path: string): Promise<void> {
  await run.surely(async () => {
    try {
      await run.finish("DELETE", path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  });
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
