// From what is typed on the login page to a client that Deploy has accepted.

import { DeployClient } from "ontap-select-deploy";
import { CredentialStore } from "./credential-store.js";
import { Health } from "./health.js";
import { Requests } from "./requests.js";

/** A user at a Deploy. */
export interface Session {
  readonly client: DeployClient;
  readonly credentials: CredentialStore;
  /** What the client sends, while it is sent. */
  readonly requests: Requests;
  /** The state of the connection, as far as the client can tell. */
  readonly health: Health;
  readonly address: string;
}

/** What the login form asks for. */
export interface Credentials {
  readonly address: string;
  readonly username: string;
  readonly password: string;
}

/** Where Deploy is if nothing else is typed: behind the server that serves this page. */
export const ownAddress = `${location.origin}/api`;

// A VM that reboots is away for minutes, and the jobs are still to be followed afterwards.
const retry = { maxAttempts: 40 };

/**
 * A client whose credentials Deploy has just accepted.
 *
 * @throws what the client's constructor and its `get` throw, `signal.reason` included.
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
      requests.heard(event);
      health.heard(event);
    },
  });
  return { client, credentials, requests, health, address };
}

/**
 * Asks Deploy whether it accepts a user. It does not retry: somebody waits in front of the login page.
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

/** `deploy.example.com` becomes `https://deploy.example.com/api`; what is said in full is left alone. */
export function completeAddress(typed: string): string {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `https://${typed}`;
  if (!URL.canParse(whole)) return whole;
  const url = new URL(whole);
  if (url.pathname === "/") url.pathname = "/api";
  return url.href.replace(/\/$/, "");
}
