// The public types of this entry.

/** The progress of an upload. */
export interface UploadProgress {
  /** The request's method. */
  readonly method: string;
  /** The request's path, without the query, which may hold secrets. */
  readonly path: string;
  /** The number of body bytes handed to the operating system. */
  readonly sent: number;
  /** The size of the body in bytes; `undefined` for a stream. */
  readonly total: number | undefined;
}

/**
 * The options of `nodeFetch`, for servers with their own certificates and for proxies. `nodeFetch` checks all of them
 * first. The TypeError names the bad option and shows no secret.
 *
 * @example
 * ```ts
 * const deploy = new DeployClient({ baseUrl, auth, fetch: nodeFetch({ fingerprint256: "9F:86:D0:81:…" }) });
 * ```
 */
export interface NodeFetchOptions {
  /**
   * Trusted certificates in PEM form, one or more per string. `nodeFetch` trusts no others, and the server's
   * certificate must name the host. Default: the certificates that Node trusts.
   */
  ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /**
   * The SHA-256 fingerprint of the server's certificate, 64 hex digits with or without colons, or a list of them.
   * `nodeFetch` trusts only these certificates, whatever their name, issuer and dates, and ignores `ca`. It compares
   * the fingerprint on each new connection, before it sends any request.
   */
  fingerprint256?: string | readonly string[];
  /** The host name for the TLS handshake (SNI) and for the check of the certificate. Default: the host of the address. */
  servername?: string;
  /** The client certificate in PEM form, with its intermediate certificates. Needs `key`. */
  cert?: string | Uint8Array;
  /** The private key of `cert`, in PEM form. */
  key?: string | Uint8Array;
  /** The passphrase of an encrypted `key`. */
  passphrase?: string;
  /**
   * The proxy for every request, such as `http://user:password@proxy.example.com:3128`, or `false` for none. Default:
   * the variables HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in upper or lower case, read when you call `nodeFetch`. For an
   * `https:` proxy, `nodeFetch` checks the host name and trusts Node's certificates and `ca`.
   */
  proxy?: string | false;
  /**
   * Called during an upload: after each piece of at most 64 KiB for a file, a form or a stream, and once for a string
   * or bytes. If it throws, the request fails with that error.
   *
   * @example
   * ```ts
   * const onUpload = ({ sent, total = 0 }: UploadProgress) => bar.show(sent / total);
   * ```
   */
  onUpload?: (progress: UploadProgress) => void;
}

/** A `fetch` with its own connections, which `close` ends. */
export type NodeFetch = typeof globalThis.fetch & {
  /**
   * Ends every connection, including those with a running request, and resolves when all are closed. Later requests
   * fail. A process can exit without this call.
   */
  close(): Promise<void>;
};

/** The certificate of a server. */
export interface ServerCertificate {
  /** The certificate in PEM form, for a file or the option `ca`. */
  readonly pem: string;
  /** The SHA-256 fingerprint, in upper case with colons, for the option `fingerprint256`. */
  readonly fingerprint256: string;
  /** The subject, such as `CN=deploy.example.com`, one part per line. */
  readonly subject: string;
  /** The host names and addresses in the certificate, such as `deploy.example.com` and `192.0.2.7`. */
  readonly names: readonly string[];
  /** The start of its validity. */
  readonly validFrom: Date;
  /** The end of its validity. */
  readonly validTo: Date;
}
