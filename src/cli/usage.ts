/** A mistake in the command line, a file or the environment that the user can fix. Exit code 2. */
export class UsageError extends Error {
  /** The command whose help explains it, if the arguments could not be parsed. */
  command?: string | undefined;
}

/** Mistakes in a file, one per line. The message does not point to the command's help. */
export class MistakesError extends UsageError {
  /** Whether the command had changed something before. */
  readonly hasChanged: boolean;

  constructor(message: string, hasChanged = false) {
    super(message);
    this.hasChanged = hasChanged;
  }
}
