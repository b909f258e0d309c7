// A plan: all that it takes to create and deploy a cluster, as the package's `ClusterPlan` describes it.

/** The same without passwords, to be stored or shown. */
export function withoutPasswords<T>(value: T): T {
  const isPassword = (key: string) => /password/i.test(key);
  return JSON.parse(JSON.stringify(value, (key, member) => (isPassword(key) ? undefined : member)));
}

/** The members that the form has no field for. */
export function without<T extends object>(object: T, shown: readonly string[]): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !shown.includes(name))) as Partial<T>;
}
