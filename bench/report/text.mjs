// Figures and tables as text.

import { differences, ratios, summary } from "../lib/statistics.mjs";

/** One member of a peer's samples, by round. */
export const series = (samples, name) => (samples ?? []).map((sample) => sample?.[name] ?? Number.NaN);

/** The median of one member, with its lowest and highest round. */
export const over = (samples, name) => summary(series(samples, name));

/** The ratio of two peers in the same rounds, with its interval. */
export const ratioOf = (samples, base, name) => ratios(series(samples, name), series(base, name));

/** The difference of two peers in the same rounds, with its interval. */
export const differenceOf = (samples, base, name) => differences(series(samples, name), series(base, name));

/** Three significant digits. */
export function figure(value) {
  if (value === undefined || !Number.isFinite(value)) return "–";
  if (Number.isInteger(value) && Math.abs(value) < 1_000) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return Math.abs(value) >= 1_000
    ? Math.round(value).toLocaleString("en").replaceAll(",", " ")
    : value.toFixed(Math.min(digits, 3));
}

/** The median, and in brackets the lowest and the highest round. */
export function spread(found, scale = 1) {
  if (!found) return "–";
  const { median, low, high } = found;
  const apart = low === high ? "" : ` (${figure(low * scale)} to ${figure(high * scale)})`;
  return `${figure(median * scale)}${apart}`;
}

/** A ratio or a difference, and in brackets its 95 % interval. */
export function within(found, digits = 2) {
  if (!found) return "–";
  const { median, low, high } = found;
  const apart = low === high ? "" : ` (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
  return `${median.toFixed(digits)}${apart}`;
}

/** A table in Markdown; all columns except the first hold figures. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const rule = `|${head.map((_, at) => (at === 0 ? "---|" : "---:|")).join("")}`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}
