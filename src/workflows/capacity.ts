// Converts capacities between bytes and strings.

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
 * Whole bytes, rounded down, of a number or a string such as `4.8 TB` (1 TB = 10¹² bytes) or `4 TiB` (1 TiB = 2⁴⁰
 * bytes). Undefined for anything else and for values of 0 or less.
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

/** The unit of a capacity in a plan, such as `TiB`; undefined for bytes. */
export function unitOf(value: unknown): string | undefined {
  const [unit] = (typeof value === "string" && /[a-z]+(?=\s*$)/i.exec(value)) || [];
  return unit?.toLowerCase() === "b" ? undefined : unit;
}

/** Bytes in this unit if that is exact, such as `1.5 TiB`; otherwise in bytes. */
export function inUnit(bytes: number, unit: string | undefined): string {
  const size = unit === undefined ? undefined : UNITS.get(unit.toLowerCase());
  const text = size === undefined ? "" : `${Number((bytes / Number(size)).toFixed(3))} ${unit}`;
  return bytesOf(text) === bytes ? text : `${bytes} bytes`;
}

/** A string such as `2 TiB` or `512 GiB`, rounded down. Below 1 GiB, in bytes. */
export function inWords(bytes: number): string {
  if (bytes >= TEBIBYTE) return `${Math.floor((bytes / TEBIBYTE) * 100) / 100} TiB`;
  return bytes >= GIBIBYTE ? `${Math.floor(bytes / GIBIBYTE)} GiB` : `${bytes} bytes`;
}
