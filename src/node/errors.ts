// Errors as Node's own fetch has them: a TypeError "fetch failed" with a cause that carries a code. The client reads
// from the cause whether anything was sent.

/** What rejects a request: the reason stands in its `cause`. */
export function fetchFailed(cause: unknown): TypeError {
  return new TypeError("fetch failed", { cause });
}

/** An error of Node's kind. */
export function coded(message: string, code: string, cause?: unknown): NodeJS.ErrnoException {
  return Object.assign(new Error(message, cause === undefined ? undefined : { cause }), { code });
}

/** An error from before there was a connection: its `syscall` says that nothing of the request was sent. */
export function notConnected(message: string, code: string, cause?: unknown): NodeJS.ErrnoException {
  return Object.assign(coded(message, code, cause), { syscall: "connect" });
}

const CERTIFICATE_REQUIRED = "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED";

/**
 * What a connection broke with, in words that say what to do. Over TLS 1.3 the client is through with the handshake
 * before the server looks at the client's certificate, so that this comes in place of the response.
 */
export function inWords(error: Error): Error {
  const { code } = error as NodeJS.ErrnoException;
  return code === CERTIFICATE_REQUIRED
    ? coded("the server requires a client certificate: set cert and key", CERTIFICATE_REQUIRED)
    : error;
}

/** What a step of connecting failed with, told so that it says by itself that nothing was sent. */
export function inStep(step: string, error: Error): Error {
  // OpenSSL's message is a line of its own trace, its reason a few words.
  const { code = "", syscall, reason } = error as NodeJS.ErrnoException & { readonly reason?: string };
  const says = syscall === "connect" || syscall === "getaddrinfo" || isOfCertificate(code);
  return says || "errors" in error
    ? error
    : notConnected(`${step}: ${reason ?? error.message}`, code || "ECONNRESET");
}

// OpenSSL's names of what is wrong with a server's certificate.
function isOfCertificate(code: string): boolean {
  return code.split("_").includes("CERT") && !code.startsWith("ERR_SSL_");
}
