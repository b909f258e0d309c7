// Encodes WebAssembly as a string for a JavaScript file. src/js/unpack.ts decodes it and describes the format.

// Printable ASCII without the characters that are special in string literals, HTML, templates or the replacement of
// String.replace. So no charset and no inlining tool can damage the string.
const CHARACTERS = Array.from({ length: 95 }, (_, at) => String.fromCharCode(at + 32)).filter(
  (character) => !"$<&\\`'\"".includes(character),
);
const PLAIN = CHARACTERS.slice(0, 86);
const PREFIXES = ["", ...CHARACTERS.slice(86)];

/**
 * Uses one character for each common byte and two for the others. gzip compresses this as well as the bytes
 * themselves, and better than base64.
 * @param {Buffer} wasm
 */
export function pack(wasm) {
  const common = commonest(wasm);
  const bytes = [...Array(256).keys()];
  // Sorted by value within each group, so that similar bytes become similar characters.
  const order = [...bytes.filter((byte) => common.has(byte)), ...bytes.filter((byte) => !common.has(byte))];
  const texts = new Map(
    order.map((byte, at) => {
      const prefix = PREFIXES[Math.floor(at / PLAIN.length)];
      return [byte, `${prefix}${PLAIN[at % PLAIN.length]}`];
    }),
  );
  const sum = wasm.reduce((sum, byte) => (Math.imul(sum, 31) + byte) >>> 0, 0);
  const bits = BigInt(`0b${bytes.map((byte) => Number(common.has(byte))).join("")}`);
  const body = Array.from(wasm, (byte) => texts.get(byte)).join("");
  return hex(wasm.length, 8) + hex(sum, 8) + hex(bits, 64) + body;
}

/** @param {Buffer} wasm */
function commonest(wasm) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const byte of wasm) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return new Set(sorted.slice(0, PLAIN.length).map(([byte]) => byte));
}

/**
 * An esbuild banner that declares the string as a variable on its own line. In an imported module esbuild would split
 * the string at its line limit.
 * @param {string} name
 * @param {string} text
 */
export function declared(name, text) {
  return { js: `var ${name}="${text}";` };
}

/**
 * @param {number | bigint} number
 * @param {number} digits
 */
function hex(number, digits) {
  return number.toString(16).padStart(digits, "0");
}
