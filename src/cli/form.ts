// Builds the multipart form of --form. Files are streamed from the disk, so they can have any size.

import { basename } from "node:path";
import { openFile, readStandardInput, readText, withoutLineEnd } from "./files.js";
import { UsageError } from "./usage.js";
import { isSecretName, readPair } from "./values.js";

export async function readForm(parts: readonly string[]): Promise<FormData> {
  const form = new FormData();
  for (const part of parts) {
    const [name, value] = readPair("--form", part);
    if (value.startsWith("@")) form.append(name, ...(await filePart(value.slice(1))));
    else form.append(name, await readField(name, value));
  }
  return form;
}

async function readField(name: string, value: string): Promise<string> {
  if (value.startsWith("<")) {
    const text =
      value === "<-" ? await readStandardInput("--form") : readText(`--form: ${name}`, value.slice(1));
    return withoutLineEnd(text);
  }
  if (isSecretName(name)) {
    throw new UsageError(
      `--form: ${name} looks like a secret, and other users of this machine can read arguments. ` +
        `Put it in a file and pass '${name}=<FILE'`,
    );
  }
  return value;
}

async function filePart(path: string): Promise<[file: Blob, name: string]> {
  if (path === "-")
    throw new UsageError("--form: expected a file name after @; it cannot send standard input as a file");
  return [await openFile("--form", path), basename(path)];
}
