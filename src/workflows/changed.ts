// Marks the progress of a run that changed something. The command and the workflows are separate bundles, so the mark is a
// registered symbol.

const CHANGED = Symbol.for("ontap-select-deploy.changed");

/** Not enumerable, so that it does not appear in logs. */
export function markChanged<T extends object>(progress: T): T {
  return Object.defineProperty(progress, CHANGED, { value: true });
}

/** Whether Deploy accepted a change of the workflow before this error. */
export function hasChangedBefore(error: unknown): boolean {
  const { workflow } = Object(error) as { workflow?: object };
  return Boolean(workflow && CHANGED in workflow);
}
