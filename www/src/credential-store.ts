// The user's credentials. Deploy may reject them, and the user may replace them, while the console follows jobs.

import type { AuthContext } from "ontap-select-deploy";

/** Milliseconds after a renewal in which responses to older requests may still arrive. */
const late = 5_000;

export class CredentialStore {
  readonly username: string;
  #password: string;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #lost = false;
  #waiting: (() => void)[] = [];
  /** Called when Deploy rejects the password and when the user has replaced it. */
  onChange: () => void = () => {};

  constructor(username: string, password: string) {
    this.username = username;
    this.#password = password;
  }

  /** Whether Deploy rejected the current password. */
  get lost(): boolean {
    return this.#lost;
  }

  /** For `DeployClient`. After a 401 it resolves once the user has entered the right password. */
  readonly auth = async ({ status }: AuthContext): Promise<string> => {
    if (status === 401 && performance.now() - this.#renewedAt > late) {
      this.lose();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return basic(this.username, this.#password);
  };

  lose(): void {
    if (this.#lost) return;
    this.#lost = true;
    this.onChange();
  }

  /** Stores a password that Deploy accepts, and releases the requests that waited for it. */
  renew(password: string): void {
    this.#password = password;
    this.#renewedAt = performance.now();
    this.#lost = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.onChange();
  }
}

function basic(username: string, password: string): string {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}
