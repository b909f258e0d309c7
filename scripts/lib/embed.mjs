// WebAssembly as text in a JavaScript file. src/js/unpack.ts turns it back, and describes the format.

// What is left of printable ASCII without the characters that mean something in a string literal, in HTML, in
// a template or in the replacement of String.replace: no charset and no inliner can damage it.
const CHARACTERS = Array.from({ length: 95 }, (_, at) => String.fromCharCode(at + 32)).filter(
  (character) => !"$<&\\`'\"".includes(character),
);
const PLAIN = CHARACTERS.slice(0, 86);
const PREFIXES = ["", ...CHARACTERS.slice(86)];

/**
 * A character for each of the commonest bytes, two for each other byte. gzip finds as much in it as in the
 * bytes themselves; base64 hides it from gzip.
 * @param {Buffer} wasm
 */
export function pack(wasm) {
  const common = commonest(wasm);
  const bytes = [...Array(256).keys()];
  // By value within each kind: what is alike in the bytes then is alike in the text.
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
 * An esbuild banner that declares the text as a variable, on a line of its own. Imported as a module it would
 * not stay whole: esbuild breaks long strings at its line limit.
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
