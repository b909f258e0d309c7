// A capacity as a field shows it: a bare number is in TiB, which is what hypervisors call a terabyte.

import type { PlannedPool } from "ontap-select-deploy/api";
import { bytesOf } from "../../../src/workflows/capacity.js";

const TEBIBYTE = 2 ** 40;
/** Enough to tell a GiB. */
const digits = 4;

type Capacity = PlannedPool["capacity"];

/** A text of a plan, such as `4.8 TB`, is shown as it is. */
export function capacityText(capacity: Capacity): string {
  if (typeof capacity !== "number") return capacity ?? "";
  return String(Number((capacity / TEBIBYTE).toFixed(digits)));
}

/** Whole bytes; what cannot be read stays as it was typed, for the check of the plan. */
export function typedCapacity(text: string): number | string | undefined {
  const typed = text.trim();
  if (typed === "") return undefined;
  const number = Number(typed);
  if (!Number.isNaN(number)) return Math.floor(number * TEBIBYTE);
  return bytesOf(typed) ?? typed;
}
