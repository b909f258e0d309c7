// WebAssembly as text in a JavaScript file. src/js/unpack.ts turns it back, and describes the format.

// What is left of printable ASCII without the characters that mean something in a string literal, in HTML, in
// a template or in the replacement of String.replace: no charset and no inliner can damage it.
const CHARACTERS = Array.from({ length: 95 }, (_, at) => String.fromCharCode(at + 32)).filter(
  (character) => !"$<&\\`'\"".includes(character),
);
const PLAIN = CHARACTERS.slice(0, 86);
const [FIRST_ESCAPE, SECOND_ESCAPE] = CHARACTERS.slice(86);

/**
 * A character for each of the commonest bytes, two for each other byte. gzip finds as much in it as in the
 * bytes themselves; base64 hides it from gzip.
 * @param {Buffer} wasm
 */
export function pack(wasm) {
  /** @type {number[]} */
  const counts = new Array(256).fill(0);
  let sum = 0;
  for (const byte of wasm) {
    counts[byte] += 1;
    sum = (Math.imul(sum, 31) + byte) | 0;
  }
  const byFrequency = [...counts.keys()].sort((a, b) => counts[b] - counts[a]);
  const common = new Set(byFrequency.slice(0, PLAIN.length));
  const isCommon = counts.map((_, byte) => Number(common.has(byte)));
  // By value within each kind: what is alike in the bytes then is alike in the text.
  const order = [...counts.keys()].sort((a, b) => isCommon[b] - isCommon[a]);
  /** @type {string[]} */
  const texts = [];
  for (const [at, byte] of order.entries()) {
    const prefix = ["", FIRST_ESCAPE, SECOND_ESCAPE][Math.floor(at / PLAIN.length)];
    texts[byte] = prefix + PLAIN[at % PLAIN.length];
  }
  const bits = BigInt(`0b${isCommon.join("")}`);
  const header = hex(wasm.length, 8) + hex(sum >>> 0, 8) + hex(bits, 64);
  return header + Array.from(wasm, (byte) => texts[byte]).join("");
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
