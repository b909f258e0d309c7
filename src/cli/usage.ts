/** An error in the command line, a file or the environment that the user can fix. Exit code 2. */
export class UsageError extends Error {}
