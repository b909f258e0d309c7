// Helpers for the package's `ClusterPlan`.

/** A copy without passwords, for storage and download. */
export function withoutPasswords<T>(value: T): T {
  const isPassword = (key: string) => /password/i.test(key);
  return JSON.parse(JSON.stringify(value, (key, member) => (isPassword(key) ? undefined : member)));
}

/** The members that have no field in the form. */
export function without<T extends object>(object: T, shown: readonly string[]): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !shown.includes(name))) as Partial<T>;
}
