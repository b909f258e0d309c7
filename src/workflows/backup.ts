// Backs up the Deploy VM with a job, streams the file, and removes it from the VM.

import type { DeployClient, Download } from "../js/index.js";
import { isClientError, isJobFailure, isMissing, WorkflowError } from "./errors.js";
import { carryOut, type Run, readText } from "./run.js";
import type { WorkflowOptions } from "./types.js";

/**
 * The file of a backup, and the removal of the VM's copy.
 *
 * @example
 * ```ts
 * const { body, removed }: BackupDownload = await backup(deploy, password);
 * await pipeline(body, createWriteStream("deploy.tar.gz"));
 * await removed;
 * ```
 */
export interface BackupDownload extends Download {
  /** The file as it arrives. Read it to the end or cancel it; the VM keeps its copy until then. */
  readonly body: ReadableStream<Uint8Array>;
  /**
   * Resolves when the VM's copy is removed, after the stream was read, cancelled or aborted. Rejects with the client's
   * error if the copy stays. You may ignore this promise.
   */
  readonly removed: Promise<void>;
}

/**
 * Backs up the Deploy VM: starts the backup, waits for its job and returns the file as a stream. When the stream is
 * read, cancelled or aborted, it removes the VM's copy.
 *
 * `timeout` applies until the stream starts, and `signal` until it ends. If they end the wait for the job, the job
 * continues and its file stays on the VM. A dry run returns an empty file.
 *
 * @param password Protects the file. You need it for a restore.
 *
 * @throws The errors of {@link createCluster}, except PlanError.
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
  return carryOut("backup", deploy, options, async (run) => {
    readText("password", password, "a password that protects the file, as a string");
    if (run.dryRun) {
      run.tell({ name: "backup", target: "Deploy", done: "planned" });
      return { status: 204, body: new Blob().stream(), size: 0, removed: Promise.resolve() };
    }
    const mayKeep = "Deploy may keep a backup from this run. The next run creates a new one.";
    // Only the wait reports the job's progress.
    const { onProgress: _, ...limits } = run.limits;
    const sent = run.deploy.submit("POST", "/backups", { ...limits, body: { password } });
    const handle = await sent.catch((error) => {
      if (!isClientError(error) || error.outcome !== "refused") run.advise(mayKeep);
      throw error;
    });
    run.advise(mayKeep);
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
      // A backup cannot be removed while its job runs. Report the first error.
      if (isOver || isJobFailure(error)) await remove().catch(() => {});
      throw error;
    }
  });
}

/**
 * The address may begin with the VM's own name or with another prefix than `baseUrl`. Only the part below the backup's
 * path counts.
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

/** The same bytes, and the removal when the stream ends. */
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
  // An aborted or broken stream also ends if nothing reads from it.
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
    // Reads only on demand.
    { highWaterMark: 0 },
  );
  return { body: stream, removed };
}

/** Runs without the limits of the run, because it cleans up after they have ended it. */
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
