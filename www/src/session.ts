// From what is typed at the door to a client that Deploy has accepted.

import { DeployClient } from "ontap-select-deploy";
import { Requests } from "./requests.js";

/** A user at a Deploy. */
export interface Session {
  readonly client: DeployClient;
  /** What the client sends, while it is sent. */
  readonly requests: Requests;
  readonly address: string;
  readonly username: string;
}

/** What the login form asks for. */
export interface Credentials {
  readonly address: string;
  readonly username: string;
  readonly password: string;
}

/** Where Deploy is if nothing else is typed: behind the server that serves this page. */
export const ownAddress = `${location.origin}/api`;

/**
 * A client whose credentials Deploy has just accepted.
 *
 * @throws what the client's constructor and its `get` throw, `signal.reason` included.
 */
export async function logIn(typed: Credentials, signal: AbortSignal): Promise<Session> {
  const { username, password } = typed;
  const address = completeAddress(typed.address);
  const options = { baseUrl: address, auth: { username, password } };
  // Somebody waits at the door: the first failure is told, not retried for half a minute.
  const knock = new DeployClient({ ...options, retry: false });
  try {
    await knock.get("/clusters", { signal });
  } finally {
    knock.close();
  }
  const requests = new Requests();
  const client = new DeployClient({ ...options, onEvent: requests.heard });
  return { client, requests, address, username };
}

/** `deploy.example.com` becomes `https://deploy.example.com/api`; what is said in full is left alone. */
export function completeAddress(typed: string): string {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `https://${typed}`;
  if (!URL.canParse(whole)) return whole;
  const url = new URL(whole);
  if (url.pathname === "/") url.pathname = "/api";
  return url.href.replace(/\/$/, "");
}
