// Capacities in bytes, as a number or as people write them, and back in words.

const TEBIBYTE = 2 ** 40;
const GIBIBYTE = 2 ** 30;

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ["", 1n],
  ["b", 1n],
  ...(["k", "m", "g", "t", "p"] as const).flatMap((letter, index): [string, bigint][] => [
    [`${letter}b`, 1000n ** BigInt(index + 1)],
    [`${letter}ib`, 1024n ** BigInt(index + 1)],
  ]),
]);

/**
 * Whole bytes, rounded down: of a number, or of a text such as `4.8 TB` (10¹² bytes a TB) or `4 TiB` (2⁴⁰ bytes a TiB).
 * Undefined where it is neither, or not more than 0.
 */
export function bytesOf(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value > 0 ? value : undefined;
  const match = typeof value === "string" && /^\s*(\d{1,16})(?:\.(\d{1,16}))?\s*([a-z]*)\s*$/i.exec(value);
  if (!match) return undefined;
  const [, whole = "", part = "", unit = ""] = match;
  const size = UNITS.get(unit.toLowerCase());
  if (size === undefined) return undefined;
  const bytes = Number((BigInt(whole + part) * size) / 10n ** BigInt(part.length));
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}

/** `2 TiB`, `512 GiB`, rounded down: never more than there is. Less than a GiB stays in bytes. */
export function inWords(bytes: number): string {
  if (bytes >= TEBIBYTE) return `${Math.floor((bytes / TEBIBYTE) * 100) / 100} TiB`;
  return bytes >= GIBIBYTE ? `${Math.floor(bytes / GIBIBYTE)} GiB` : `${bytes} bytes`;
}
