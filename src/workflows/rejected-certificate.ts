// Recognizes a rejected certificate, for the advice of the command and of the workflows.

/** An error of a runtime. */
export type RuntimeError = Error & { readonly code?: string };

/** The client says so itself; the codes of the runtimes' own errors differ. */
export const isCertificateRejected = ({ message }: Error): boolean =>
  message.includes("certificate was rejected");

/** Whether `cause` says that the server has another certificate than the trusted one. */
export const isFingerprintMismatch = (cause: RuntimeError | undefined): boolean =>
  cause?.code === "ERR_TLS_CERT_FINGERPRINT_MISMATCH";

/** The last cause of an error; undefined if it has none. */
export function innermost(error: Error): RuntimeError | undefined {
  let found: Error | undefined;
  for (let { cause } = error; cause instanceof Error; cause = cause.cause) found = cause;
  return found;
}
