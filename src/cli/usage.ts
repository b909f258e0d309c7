/** A mistake in the command line, a file or the environment that the user can fix. Exit code 2. */
export class UsageError extends Error {}

/** Mistakes in a file, one per line. The message does not point to the command's help. */
export class MistakesError extends UsageError {
  /** Whether the command had changed something before. */
  readonly hasChanged: boolean;

  constructor(message: string, hasChanged = false) {
    super(message);
    this.hasChanged = hasChanged;
  }
}
