// What is filled in, kept over a reload of the page. No password is in it.

import { type Plan, withoutPasswords } from "./plan.js";

export interface Draft {
  readonly plan: Plan;
  /** It was being carried out. */
  readonly isUnderWay: boolean;
}

const key = "deployment";

export function keepDraft({ plan, isUnderWay }: Draft): void {
  try {
    sessionStorage.setItem(key, JSON.stringify({ plan: withoutPasswords(plan), isUnderWay }));
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
