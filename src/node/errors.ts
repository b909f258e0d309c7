// The errors of Node's fetch: a TypeError "fetch failed" whose cause has a code. The cause tells the client whether
// anything was sent.

/** The error of a failed request, with the reason as its `cause`. */
export function fetchFailed(cause: unknown): TypeError {
  return new TypeError("fetch failed", { cause });
}

/** An error with a code, like those of Node. */
export function coded(message: string, code: string, cause?: unknown): NodeJS.ErrnoException {
  return Object.assign(new Error(message, cause === undefined ? undefined : { cause }), { code });
}

/** An error before the connection was open. Its `syscall` tells the client that nothing of the request was sent. */
export function notConnected(message: string, code: string, cause?: unknown): NodeJS.ErrnoException {
  return Object.assign(coded(message, code, cause), { syscall: "connect" });
}

const CERTIFICATE_REQUIRED = "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED";

/**
 * The error of a broken connection, with a message that says what to do. In TLS 1.3 the client finishes the handshake
 * before the server checks the client certificate, so this error arrives instead of the response.
 */
export function inWords(error: Error): Error {
  const { code } = error as NodeJS.ErrnoException;
  return code === CERTIFICATE_REQUIRED
    ? coded("the server requires a client certificate: set cert and key", CERTIFICATE_REQUIRED)
    : error;
}

/** The error of a connection step, in a form that shows that nothing was sent. */
export function inStep(step: string, error: Error): Error {
  // OpenSSL's message is a trace line; its reason is a short phrase.
  const { code = "", syscall, reason } = error as NodeJS.ErrnoException & { readonly reason?: string };
  const says = syscall === "connect" || syscall === "getaddrinfo" || isOfCertificate(code);
  return says || "errors" in error
    ? error
    : notConnected(`${step}: ${reason ?? error.message}`, code || "ECONNRESET");
}

// OpenSSL's codes for a bad server certificate contain CERT.
function isOfCertificate(code: string): boolean {
  return code.split("_").includes("CERT") && !code.startsWith("ERR_SSL_");
}
