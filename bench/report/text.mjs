// Figures and tables as text.

import { summary } from "../lib/statistics.mjs";

/** The summary of one member over all rounds of one peer. */
export const over = (samples, name) => summary((samples ?? []).map((sample) => sample?.[name] ?? Number.NaN));

/** Three digits that mean something. */
export function figure(value) {
  if (value === undefined) return "–";
  if (Number.isInteger(value) && Math.abs(value) < 1_000) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return Math.abs(value) >= 1_000
    ? Math.round(value).toLocaleString("en").replaceAll(",", " ")
    : value.toFixed(Math.min(digits, 3));
}

/** The median, and in brackets how far the rounds lie apart. */
export function spread(found, scale = 1) {
  if (!found) return "–";
  const { median, low, high } = found;
  const apart = low === high ? "" : ` (${figure(low * scale)} to ${figure(high * scale)})`;
  return `${figure(median * scale)}${apart}`;
}

export const ratio = (found, base) => (found && base ? `${(found.median / base.median).toFixed(2)}` : "–");

/** A table in Markdown; all columns but the first hold figures. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const rule = `|${head.map((_, at) => (at === 0 ? "---|" : "---:|")).join("")}`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}
