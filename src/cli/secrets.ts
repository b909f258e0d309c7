// Passwords other than the client's credential, such as those of a plan. A server may quote one, so the output masks them.

/** Masking shorter passwords would hide unrelated words. */
const SHORTEST = 4;
/** The longest first, because one may contain another. */
let secrets: readonly string[] = [];

/** Masks the secret in all later output. */
export function keepSecret(secret: string): void {
  if (secret.length < SHORTEST || secrets.includes(secret)) return;
  secrets = [...secrets, secret].sort((one, other) => other.length - one.length);
}

export function withoutSecrets(text: string): string {
  let shown = text;
  for (const secret of secrets) shown = shown.replaceAll(secret, "…");
  return shown;
}
