// The user's credential, which Deploy may refuse and the user may replace while jobs are followed.

import type { AuthContext } from "ontap-select-deploy";

/** Answers of requests that went out before a renewal may still come in after it. */
const late = 5_000;

export class CredentialStore {
  readonly username: string;
  #password: string;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #lost = false;
  #waiting: (() => void)[] = [];
  /** Called when it is lost, and when it is given anew. */
  onChange: () => void = () => {};

  constructor(username: string, password: string) {
    this.username = username;
    this.#password = password;
  }

  /** Whether Deploy refuses it, as far as is known. */
  get lost(): boolean {
    return this.#lost;
  }

  /** For `DeployClient`. After a refusal it answers when somebody has typed the right password. */
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

  /** Takes a password that Deploy accepts: what waited for it goes on. */
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
