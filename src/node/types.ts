// The types of the entry.

/** How far the body of a request is on its way. */
export interface UploadProgress {
  /** The request's method. */
  readonly method: string;
  /** The path of its address, without the query, which may hold secrets. */
  readonly path: string;
  /** How many bytes of the body the system has taken from this process. */
  readonly sent: number;
  /** How many there are; `undefined` for a stream, whose length nobody knows. */
  readonly total: number | undefined;
}

/**
 * What a script against an appliance needs, and `fetch` does not give. All are checked at once: the TypeError for a bad
 * one names it, and shows no secret.
 *
 * @example
 * ```ts
 * const deploy = new DeployClient({ baseUrl, auth, fetch: nodeFetch({ fingerprint256: "9F:86:D0:81:…" }) });
 * ```
 */
export interface NodeFetchOptions {
  /**
   * Certificates in PEM form; these and no others are trusted, and the server's must name the address. Several may
   * stand in one text. Default: those that Node trusts.
   */
  ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /**
   * SHA-256 of the server's own certificate, 64 hex digits with or without colons; it and no other is trusted,
   * whatever its name, its issuer and its dates, also where `ca` is given. Compared before a byte of a request goes
   * out, for each new connection. Several: the certificate has to be one of them.
   */
  fingerprint256?: string | readonly string[];
  /** The name that the server is asked for and that its certificate must have. Default: the one in the address. */
  servername?: string;
  /** The client's own certificate in PEM form, with what lies between it and its issuer. Needs `key`. */
  cert?: string | Uint8Array;
  /** The private key of `cert`, in PEM form. */
  key?: string | Uint8Array;
  /** What `key` is encrypted with. */
  passphrase?: string;
  /**
   * The address of a proxy for every request, such as `http://user:password@proxy.example.com:3128`, or `false` for
   * none. Default: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment say, in upper or lower case, when
   * `nodeFetch` is called. A proxy with `https:` is checked by its name, against Node's own authorities and `ca`.
   */
  proxy?: string | false;
  /**
   * Called while the body of a request goes out: after each piece, at most 64 KiB, of a body that is a file, a form
   * or a stream, and once for a body that is in memory as text or bytes. What it throws ends the request. `fetch` in
   * browsers cannot tell this.
   *
   * @example
   * ```ts
   * const onUpload = ({ sent, total = 0 }: UploadProgress) => bar.show(sent / total);
   * ```
   */
  onUpload?: (progress: UploadProgress) => void;
}

/** A `fetch` with connections of its own, which `close` ends. */
export type NodeFetch = typeof globalThis.fetch & {
  /**
   * Ends every connection, also those that carry a request, and resolves when they are gone. Requests fail from then
   * on. A process ends without it as well.
   */
  close(): Promise<void>;
};

/** The certificate that a server shows. */
export interface ServerCertificate {
  /** The certificate itself in PEM form, as a file or the option `ca` takes it. */
  readonly pem: string;
  /** SHA-256 of it, in upper case with colons, as the option `fingerprint256` takes it. */
  readonly fingerprint256: string;
  /** Whom it is made out to, such as `CN=deploy.example.com`, one part a line. */
  readonly subject: string;
  /** The names and addresses that it is valid for, such as `deploy.example.com` and `192.0.2.7`. */
  readonly names: readonly string[];
  /** From when on it is valid. */
  readonly validFrom: Date;
  /** Until when it is valid. */
  readonly validTo: Date;
}
