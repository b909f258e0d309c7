// Bytes in words, and back. What hypervisors call a terabyte is 2⁴⁰ bytes, a TiB.

const TEBIBYTE = 2 ** 40;
const GIBIBYTE = 2 ** 30;

/** `2 TiB`, `512 GiB`, rounded down: never more than there is. */
export function inWords(bytes: number): string {
  if (bytes >= TEBIBYTE) return `${Math.floor((bytes / TEBIBYTE) * 100) / 100} TiB`;
  return `${Math.floor(bytes / GIBIBYTE)} GiB`;
}

/** What a field for TiB shows. */
export function toTebibytes(bytes: number): string {
  return String(bytes / TEBIBYTE);
}

/** Whole bytes; NaN where no number was typed. */
export function fromTebibytes(text: string): number {
  return text.trim() === "" ? Number.NaN : Math.floor(Number(text) * TEBIBYTE);
}
