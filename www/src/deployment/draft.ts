// Stores the form's values over a reload, without passwords.

import type { ClusterPlan } from "ontap-select-deploy/api";
import { withoutPasswords } from "./plan.js";

export interface Draft {
  readonly plan: ClusterPlan;
  /** The deploy had started. */
  readonly isUnderWay: boolean;
  /** Why hosts were not added, by name, because Deploy's records do not say it. */
  readonly failures?: readonly (readonly [name: string, reason: string])[];
}

const key = "deployment";

export function keepDraft({ plan, ...rest }: Draft): void {
  try {
    sessionStorage.setItem(key, JSON.stringify({ ...rest, plan: withoutPasswords(plan) }));
  } catch {
    // Without storage, a reload loses the draft.
  }
}

export function dropDraft(): void {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // As above.
  }
}

/** The stored draft. Only this page writes it, so its shape is not checked. */
export function keptDraft(): Draft | undefined {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(key) ?? "null");
    return typeof found === "object" && found !== null && "plan" in found ? (found as Draft) : undefined;
  } catch {
    return undefined;
  }
}
