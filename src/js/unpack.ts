/** The bytes that scripts/lib/embed.mjs wrote as text, the commonest ones as plain characters. */
export function unpack(text: string, common: string, lift: number): Uint8Array<ArrayBuffer> {
  const commonBytes = Array.from(common, (character) => character.charCodeAt(0) - lift);
  const others = [...Array(256).keys()].filter((byte) => !commonBytes.includes(byte));
  const bytes = [...commonBytes, ...others];
  return Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    // The quote and the backslash are left out among the plain ones.
    const place = code < 127 ? code - 32 - Number(code > 34) - Number(code > 92) : code - 161 + common.length;
    return bytes[place] ?? 0;
  });
}
