// How large each function of a WebAssembly module is, by the names that its name section gives.

import { readFile } from "node:fs/promises";

/**
 * @param {string} file
 * @returns {Promise<{ name: string, size: number }[]>}
 */
export async function functionSizes(file) {
  const bytes = await readFile(file);
  const module = new WebAssembly.Module(bytes);
  const imported = WebAssembly.Module.imports(module).filter((it) => it.kind === "function").length;
  const names = nameMap(new Uint8Array(WebAssembly.Module.customSections(module, "name")[0] ?? []));
  return codeSizes(bytes).map((size, at) => ({ size, name: names.get(imported + at) ?? "without a name" }));
}

const CODE = 10;
const FUNCTION_NAMES = 1;

function codeSizes(bytes) {
  for (const { id, body } of sections(reader(bytes.subarray(8)))) {
    if (id !== CODE) continue;
    return Array.from({ length: body.number() }, () => body.take(body.number()).length);
  }
  return [];
}

function nameMap(bytes) {
  for (const { id, body } of sections(reader(bytes))) {
    if (id !== FUNCTION_NAMES) continue;
    const text = new TextDecoder();
    return new Map(
      Array.from({ length: body.number() }, () => [body.number(), text.decode(body.take(body.number()))]),
    );
  }
  return new Map();
}

function* sections(from) {
  while (!from.done()) yield { id: from.number(), body: reader(from.take(from.number())) };
}

function reader(bytes) {
  let at = 0;
  return {
    done: () => at >= bytes.length,
    take(length) {
      at += length;
      return bytes.subarray(at - length, at);
    },
    /** An unsigned LEB128. */
    number() {
      for (let value = 0, factor = 1; ; factor *= 128) {
        const byte = bytes[at++];
        value += (byte & 127) * factor;
        if (byte < 128) return value;
      }
    },
  };
}
