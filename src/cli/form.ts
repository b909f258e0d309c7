// The multipart form of --form. Its files go out as they are read from the disk, so that their size does not matter.

import { openAsBlob, statSync } from "node:fs";
import { basename } from "node:path";
import { readStandardInput, readText } from "./files.js";
import { UsageError } from "./usage.js";
import { isSecretName, readPair } from "./values.js";

export interface Upload {
  readonly form: FormData;
  /** Calls back with the bytes of the files that were read for sending, and with all that there are. */
  watch(listener: (sent: number, total: number) => void): void;
}

export async function readForm(parts: readonly string[]): Promise<Upload> {
  const form = new FormData();
  const files: CountedFile[] = [];
  for (const part of parts) {
    const [name, value] = readPair("--form", part);
    if (value.startsWith("@")) {
      const file = await openFile(value.slice(1));
      files.push(file);
      form.append(name, file);
    } else {
      form.append(name, await readField(name, value));
    }
  }
  const sum = (of: (file: CountedFile) => number) => files.reduce((all, file) => all + of(file), 0);
  return {
    form,
    watch: (listener) => {
      for (const file of files)
        file.onRead = () =>
          listener(
            sum(({ read }) => read),
            sum(({ size }) => size),
          );
    },
  };
}

async function readField(name: string, value: string): Promise<string> {
  if (value.startsWith("<")) {
    const text =
      value === "<-" ? await readStandardInput("--form") : readText(`--form: ${name}`, value.slice(1));
    // Editors and echo end a file with one, and no password has it.
    return text.replace(/\r?\n$/, "");
  }
  if (isSecretName(name)) {
    throw new UsageError(
      `--form: ${name} looks like a secret, and others on this machine can read the arguments. ` +
        `Write it into a file, and give '${name}=<FILE'`,
    );
  }
  return value;
}

async function openFile(path: string): Promise<CountedFile> {
  if (path === "-") throw new UsageError("--form: expected a file after @; standard input is none");
  try {
    if (!statSync(path).isFile()) throw new UsageError(`--form: ${path} is no regular file`);
    return new CountedFile([await openAsBlob(path)], basename(path));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
    throw new UsageError(`--form: ${path}: ${why}`);
  }
}

/** Counts what is read of it: what sends a form reads a file as fast as the server takes it. */
class CountedFile extends File {
  read = 0;
  onRead: (() => void) | undefined;

  override stream(): ReturnType<File["stream"]> {
    // It is sent again after a 401.
    this.read = 0;
    const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (chunk, out) => {
        this.read += chunk.byteLength;
        this.onRead?.();
        out.enqueue(chunk);
      },
    });
    return super.stream().pipeThrough(count);
  }
}
