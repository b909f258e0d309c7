// A capacity in a form field. A number without a unit is in TiB, which hypervisors call a terabyte.

import type { PlannedPool } from "ontap-select-deploy/api";
import { bytesOf } from "../../../src/workflows/capacity.js";

const TEBIBYTE = 2 ** 40;
/** Precise enough for a GiB. */
const digits = 4;

type Capacity = PlannedPool["capacity"];

/** A string from a plan, such as `4.8 TB`, stays as it is. */
export function capacityText(capacity: Capacity): string {
  if (typeof capacity !== "number") return capacity ?? "";
  return String(Number((capacity / TEBIBYTE).toFixed(digits)));
}

/** Whole bytes. An invalid value stays as typed, so that the check of the plan reports it. */
export function typedCapacity(text: string): number | string | undefined {
  const typed = text.trim();
  if (typed === "") return undefined;
  const number = Number(typed);
  if (!Number.isNaN(number)) return Math.floor(number * TEBIBYTE);
  return bytesOf(typed) ?? typed;
}
