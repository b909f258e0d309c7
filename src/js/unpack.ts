// Reads the string that scripts/lib/embed.mjs wrote, in printable ASCII. It begins with hexadecimal digits: the number
// of bytes (8), their sum (8) and a bit for each byte value that is one of the 86 most common (64). Then come the bytes.
// A plain character is one of the common bytes, in their order. After an escape character, it is one of the others.

const COMMON = 16;
const BODY = 80;
const PLAIN = 86;
// The size of one decoding table: one for plain characters and one for each escape.
const TABLE = 256;

/** The bytes of the WebAssembly module in a bundle. Throws if a character was changed. */
export function unpack(text: string): Uint8Array<ArrayBuffer> {
  const characters = Array.from({ length: 95 }, (_, at) => at + 32).filter(
    (code) => !"$<&\\`'\"".includes(String.fromCharCode(code)),
  );
  const [firstEscape, secondEscape] = characters.slice(PLAIN);
  const hex = (from: number, to: number) => Number.parseInt(text.slice(from, to), 16);
  const isCommon = Array.from({ length: 256 }, (_, byte) => {
    const digit = COMMON + (byte >> 2);
    return (hex(digit, digit + 1) >> (3 - (byte & 3))) & 1;
  });
  const order = [...isCommon.keys()].sort((a, b) => Number(isCommon[b]) - Number(isCommon[a]));
  const values = new Uint8Array(3 * TABLE);
  for (const [at, byte] of order.entries()) {
    values[Math.floor(at / PLAIN) * TABLE + (characters[at % PLAIN] as number)] = byte;
  }

  // In place, in a plain loop: a call for each byte would double the start time.
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
      "ontap-select-deploy: this bundle was changed after its build. Check every tool that inlines it, fills in " +
        "templates or changes its charset.",
    );
  }
  return bytes.subarray(0, length);
}
