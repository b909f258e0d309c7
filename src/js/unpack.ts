/** The bytes that scripts/lib/embed.mjs wrote as text, the commonest ones as plain characters. */
export function unpack(text: string, common: string, lift: number): Uint8Array<ArrayBuffer> {
  // By a character's code. The quote and the backslash are left out among the plain ones.
  const byCode = new Uint8Array(512);
  const others = new Set(Array(256).keys());
  let code = 32;
  for (const character of common) {
    const byte = character.charCodeAt(0) - lift;
    byCode[code++] = byte;
    others.delete(byte);
    if (code === 34 || code === 92) code++;
  }
  code = 161;
  for (const byte of others) byCode[code++] = byte;
  // A plain loop: one call for each byte would take as long as all the rest of the start.
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = byCode[text.charCodeAt(at)] as number;
  return bytes;
}
