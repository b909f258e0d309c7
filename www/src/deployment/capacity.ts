// Bytes in words, and back. A terabyte of a hypervisor is 2⁴⁰ bytes.

const TERABYTE = 2 ** 40;
const GIGABYTE = 2 ** 30;

/** `2 TB`, `512 GB`, rounded down: never more than there is. */
export function inWords(bytes: number): string {
  if (bytes >= TERABYTE) return `${Math.floor((bytes / TERABYTE) * 100) / 100} TB`;
  return `${Math.floor(bytes / GIGABYTE)} GB`;
}

/** What a field for terabytes shows. */
export function toTerabytes(bytes: number): string {
  return String(bytes / TERABYTE);
}

/** Whole bytes; NaN where no number was typed. */
export function fromTerabytes(text: string): number {
  return text.trim() === "" ? Number.NaN : Math.floor(Number(text) * TERABYTE);
}
