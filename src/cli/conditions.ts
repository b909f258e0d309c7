// The conditions of `until`: `state=powered_on`, `nodes.0.state!=creating`.

import { UsageError } from "./usage.js";

export interface Condition {
  /** The part before the `=`. */
  readonly member: string;
  readonly isEqual: boolean;
  readonly value: string;
}

export function readCondition(written: string): Condition {
  const [, member, sign, value] = /^([^=!]+)(!?=)(.*)$/s.exec(written) ?? [];
  if (member === undefined || value === undefined || member.split(".").includes(""))
    throw new UsageError(
      `until: ${written}: expected a condition such as state=powered_on or nodes.0.state!=creating`,
    );
  return { member, isEqual: sign === "=", value };
}

/**
 * A missing member meets no condition, not even `!=`. Otherwise a misspelled or unrequested member would end the wait
 * at once.
 */
export function isMet({ member, isEqual, value }: Condition, record: unknown): boolean {
  const found = textOf(memberOf(record, member));
  return found !== undefined && (found === value) === isEqual;
}

/** The current value of the condition's member, for the progress. */
export function stand({ member }: Condition, record: unknown): string {
  const found = memberOf(record, member);
  if (found === undefined) return `${member} is missing`;
  const text = textOf(found);
  return text === undefined ? `${member} is not a single value` : `${member}=${text}`;
}

/** `a.b` is the member b of the member a; `a.0` is the first entry of the list a. */
function memberOf(record: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, name) =>
        typeof value === "object" && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      record,
    );
}

/** A single value as in JSON, but strings without quotes; undefined for an object or list. */
function textOf(value: unknown): string | undefined {
  return value === undefined || (typeof value === "object" && value !== null) ? undefined : String(value);
}
