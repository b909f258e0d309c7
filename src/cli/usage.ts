/** An error in the command line, a file or the environment that the user can fix. Exit code 2. */
export class UsageError extends Error {}

/** What is wrong in a file, line by line. Help with the command line would not help. */
export class MistakesError extends UsageError {}
