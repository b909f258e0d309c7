// The conditions of `until`: `state=powered_on`, `nodes.0.state!=creating`.

import { UsageError } from "./usage.js";

export interface Condition {
  /** As it was written before the `=`. */
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
 * A member that is missing meets no condition, `!=` neither: otherwise a name that is misspelt, or was not asked for,
 * would end the wait at once.
 */
export function isMet({ member, isEqual, value }: Condition, record: unknown): boolean {
  const found = textOf(memberOf(record, member));
  return found !== undefined && (found === value) === isEqual;
}

/** What the record says of the condition's member, for a person. */
export function stand({ member }: Condition, record: unknown): string {
  const found = memberOf(record, member);
  if (found === undefined) return `no ${member}`;
  const text = textOf(found);
  return text === undefined ? `${member} is no single value` : `${member}=${text}`;
}

/** `a.b` is the member b of the member a; `a.0` the first of the list a. */
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

/** Of what is no object or list, as JSON writes it, a text without its quotes. */
function textOf(value: unknown): string | undefined {
  return value === undefined || (typeof value === "object" && value !== null) ? undefined : String(value);
}
