// Logs in: from the login form's values to a client with accepted credentials.

import { DeployClient } from "ontap-select-deploy";
import { CredentialStore } from "./credential-store.js";
import { Health } from "./health.js";
import { Requests } from "./requests.js";

/** A user at a Deploy. */
export interface Session {
  readonly client: DeployClient;
  readonly credentials: CredentialStore;
  /** The client's requests. */
  readonly requests: Requests;
  /** The state of the connection. */
  readonly health: Health;
  readonly address: string;
}

/** The values of the login form. */
export interface Credentials {
  readonly address: string;
  readonly username: string;
  readonly password: string;
}

/** The default address: Deploy behind the server of this page. */
export const ownAddress = `${location.origin}/api`;

// A VM takes minutes to reboot.
const retry = { maxAttempts: 40 };

/**
 * Creates a client after Deploy has accepted the credentials.
 *
 * @throws the errors of the client's constructor and of `get`, and `signal.reason`.
 */
export async function logIn(typed: Credentials, signal: AbortSignal): Promise<Session> {
  const address = completeAddress(typed.address);
  await checkCredentials({ ...typed, address }, signal);
  const credentials = new CredentialStore(typed.username, typed.password);
  const requests = new Requests();
  const health = new Health();
  const client = new DeployClient({
    baseUrl: address,
    auth: credentials.auth,
    retry,
    onEvent(event) {
      requests.onEvent(event);
      health.onEvent(event);
    },
  });
  return { client, credentials, requests, health, address };
}

/**
 * Checks the credentials with one request. It does not retry, because the user is waiting.
 *
 * @throws as `logIn`
 */
export async function checkCredentials(
  { address, username, password }: Credentials,
  signal: AbortSignal,
): Promise<void> {
  const client = new DeployClient({ baseUrl: address, auth: { username, password }, retry: false });
  try {
    await client.get("/clusters", { signal });
  } finally {
    client.close();
  }
}

/** `deploy.example.com` becomes `https://deploy.example.com/api`. An address with scheme and path stays as it is. */
export function completeAddress(typed: string): string {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `https://${typed}`;
  if (!URL.canParse(whole)) return whole;
  const url = new URL(whole);
  if (url.pathname === "/") url.pathname = "/api";
  return url.href.replace(/\/$/, "");
}
