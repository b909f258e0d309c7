// Reads the text that scripts/lib/embed.mjs wrote. It is printable ASCII: eight hexadecimal digits each for the
// number of bytes and for their sum, two for each of the 86 commonest bytes, then the bytes. A plain character
// stands for a common byte; one after an escape character for one of the next 86, in their order.

const COMMON = 16;
const PLAIN = 86;
const BODY = COMMON + 2 * PLAIN;
// A table for each way to write a byte; more than any character that can follow.
const TABLE = 256;

/** The bytes of a WebAssembly module that is text in a bundle; throws if a character of it was changed. */
export function unpack(text: string): Uint8Array<ArrayBuffer> {
  const [firstEscape, secondEscape, ...plain] = Array.from({ length: 95 }, (_, at) => at + 32).filter(
    (code) => !"$<&\\`'\"".includes(String.fromCharCode(code)),
  );
  const hex = (from: number, to: number) => Number.parseInt(text.slice(from, to), 16);
  const common = plain.map((_, at) => hex(COMMON + 2 * at, COMMON + 2 * at + 2));
  const order = new Set([...common, ...Array(256).keys()]);
  const values = new Uint8Array(3 * TABLE);
  let at = 0;
  for (const byte of order) {
    values[Math.floor(at / PLAIN) * TABLE + (plain[at % PLAIN] as number)] = byte;
    at += 1;
  }

  // In place, in a plain loop: a call for each byte would take as long as all the rest of the start.
  const bytes = new TextEncoder().encode(text);
  let length = 0;
  let sum = 0;
  for (let at = BODY; at < bytes.length; at++) {
    let code = bytes[at] as number;
    if (code === firstEscape) code = TABLE + (bytes[++at] as number);
    else if (code === secondEscape) code = 2 * TABLE + (bytes[++at] as number);
    const byte = values[code] as number;
    sum = (Math.imul(sum, 31) + byte) | 0;
    bytes[length++] = byte;
  }
  if (length !== hex(0, 8) || sum >>> 0 !== hex(8, COMMON)) {
    throw new Error(
      "ontap-select-deploy: this bundle was changed on the way: charset or inliner. The WebAssembly in it is plain " +
        "ASCII text, and must reach the page as it was built. Check what inlines, templates or transcodes the script.",
    );
  }
  return bytes.subarray(0, length);
}
