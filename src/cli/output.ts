// The target of --output. A file gets its name only when it is complete.

import { randomUUID } from "node:crypto";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { LocalError } from "./outcome.js";
import { escapeControls } from "./terminal.js";
import { UsageError } from "./usage.js";

export interface Output {
  readonly isStandard: boolean;
  /** Writes the body and reports the bytes written so far. Returns the total. */
  take(
    body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    moved: (bytes: number) => void,
  ): Promise<number>;
  /** Removes an incomplete file. */
  discard(): Promise<void>;
}

/** Opens the target before any request, so that a missing directory is an error at once. */
export function openOutput(file: string): Promise<Output> {
  return file === "-" ? Promise.resolve(standardOutput()) : fileOutput(file);
}

async function fileOutput(file: string): Promise<Output> {
  const old = await stat(file).catch(() => undefined);
  if (file === "" || old?.isDirectory()) throw new UsageError(`--output: ${file}: expected a file name`);
  // A device or named pipe is written to directly, because renaming would replace it with a file.
  if (old && !old.isFile()) return special(file);
  const target = old ? await realpath(file) : file;
  const part = join(dirname(target), `.${basename(target)}.${randomUUID().slice(0, 8)}.part`);
  const handle = await opened(file, () => open(part, "wx", old ? old.mode & 0o777 : 0o666));
  let isThere = true;
  return {
    isStandard: false,
    take: async (body, moved) => {
      const bytes = await written(file, handle, body, moved);
      await local(file, async () => {
        // Otherwise a power cut could leave an empty file under the final name.
        await handle.sync();
        await handle.close();
        await rename(part, target);
      });
      isThere = false;
      return bytes;
    },
    discard: async () => {
      if (!isThere) return;
      await handle.close().catch(() => {});
      await rm(part, { force: true }).catch(() => {});
    },
  };
}

async function special(file: string): Promise<Output> {
  const handle = await opened(file, () => open(file, "w"));
  return {
    isStandard: false,
    take: (body, moved) => written(file, handle, body, moved),
    discard: () => handle.close(),
  };
}

async function opened(file: string, open: () => Promise<FileHandle>): Promise<FileHandle> {
  try {
    return await open();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "no such directory" : `cannot be written (${code})`;
    throw new UsageError(`--output: ${file}: ${why}`);
  }
}

async function written(
  file: string,
  handle: FileHandle,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  moved: (bytes: number) => void,
): Promise<number> {
  let bytes = 0;
  for await (const chunk of body) {
    await local(file, () => handle.writeFile(chunk));
    bytes += chunk.byteLength;
    moved(bytes);
  }
  return bytes;
}

/** Turns a local error, such as a full disk, into a LocalError. */
async function local<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new LocalError(`--output: ${file}: ${(error as Error).message}`);
  }
}

function standardOutput(): Output {
  const out = process.stdout;
  return {
    isStandard: true,
    take: async (body, moved) => {
      let bytes = 0;
      const shown = out.isTTY ? text() : (chunk: Uint8Array) => chunk;
      for await (const chunk of body) {
        // The reader has closed the pipe.
        if (!out.writable) break;
        if (!out.write(shown(chunk))) await drained();
        bytes += chunk.byteLength;
        moved(bytes);
      }
      return bytes;
    },
    discard: async () => {},
  };
}

/** Resolves when standard output accepts more data or is closed. */
function drained(): Promise<void> {
  const ends = ["drain", "close", "error"];
  return new Promise((resolve) => {
    const done = () => {
      for (const end of ends) process.stdout.off(end, done);
      resolve();
    };
    for (const end of ends) process.stdout.on(end, done);
  });
}

/** Decodes text for a terminal and escapes its control characters. Throws for binary data. */
function text(): (chunk: Uint8Array) => string {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return (chunk) => {
    try {
      const written = decoder.decode(chunk, { stream: true });
      const lines = written.replaceAll("\r\n", "\n").split("\t");
      if (!written.includes("\0")) return lines.map(escapeControls).join("\t");
    } catch {
      // Not UTF-8.
    }
    throw new LocalError("--output -: binary data is not written to a terminal; name a file or use a pipe");
  };
}
