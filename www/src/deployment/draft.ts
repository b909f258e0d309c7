// What is filled in, kept over a reload of the page. No password is in it.

import type { ClusterPlan } from "ontap-select-deploy/api";
import { withoutPasswords } from "./plan.js";

export interface Draft {
  readonly plan: ClusterPlan;
  /** It was being carried out. */
  readonly isUnderWay: boolean;
  /** Why hosts are not added, by their names: Deploy's records do not say it. */
  readonly failures?: readonly (readonly [name: string, reason: string])[];
}

const key = "deployment";

export function keepDraft({ plan, ...rest }: Draft): void {
  try {
    sessionStorage.setItem(key, JSON.stringify({ ...rest, plan: withoutPasswords(plan) }));
  } catch {
    // Where nothing may be stored, a reload forgets it.
  }
}

export function dropDraft(): void {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // As above.
  }
}

/** What was kept, as this page kept it: nobody else writes there. */
export function keptDraft(): Draft | undefined {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(key) ?? "null");
    return typeof found === "object" && found !== null && "plan" in found ? (found as Draft) : undefined;
  } catch {
    return undefined;
  }
}
