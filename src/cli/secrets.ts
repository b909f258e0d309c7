// Passwords that are no credential of the client, such as those of a plan. A server may quote one; no output shows it.

/** Shorter ones would blank out words that have nothing to do with them. */
const SHORTEST = 4;
/** The longest first: one may be a part of another. */
let secrets: readonly string[] = [];

/** From now on no output shows it. */
export function keepSecret(secret: string): void {
  if (secret.length < SHORTEST || secrets.includes(secret)) return;
  secrets = [...secrets, secret].sort((one, other) => other.length - one.length);
}

export function withoutSecrets(text: string): string {
  let shown = text;
  for (const secret of secrets) shown = shown.replaceAll(secret, "…");
  return shown;
}
