// certificate: prints a server's certificate, so that the user can verify it. Sends no request.

import { certificate as certificateOf } from "../../node/index.js";
import type { Arguments } from "../arguments.js";
import { REFUSED, SUCCESS } from "../outcome.js";
import { openOutput } from "../output.js";
import { json, print, printError } from "../print.js";
import { plain } from "../terminal.js";
import { UsageError } from "../usage.js";
import { readOne } from "../values.js";

export async function certificate({ words, values }: Arguments): Promise<number> {
  const { DEPLOY_URL } = process.env;
  const address = readOne(
    words.length === 0 && DEPLOY_URL ? [DEPLOY_URL] : words,
    "certificate: expected an address, such as deploy.example.com",
    "certificate: expected one address",
  );
  const file = values.output ?? (values.pem ? "-" : undefined);
  const output = file === undefined ? undefined : await openOutput(file);
  try {
    const { pem, ...shown } = await certificateOf(address);
    await output?.take([Buffer.from(pem)], () => {});
    const isPiped = output?.isStandard === true;
    if (!isPiped) print(json(shown));
    if (!values.quiet) explain(isPiped ? shown : undefined, isPiped ? undefined : file);
    return SUCCESS;
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message.replace("address:", "certificate:"));
    printError(plain((error as Error).message));
    return REFUSED;
  } finally {
    await output?.discard();
  }
}

/** Prints advice, and `shown` if standard output does not have it. `file` has the saved certificate. */
function explain(shown: object | undefined, file: string | undefined): void {
  const members = Object.entries(shown ?? {}).map(([name, value]) => `${name}: ${said(value)}`);
  const ca = file ?? (shown ? "FILE" : undefined);
  const saving =
    ca === undefined ? "save the certificate with --output FILE and pass --ca FILE" : `pass --ca ${ca}`;
  const advice = [
    ...(file === undefined ? [] : [`Saved the certificate in ${file}.`]),
    "This certificate is not verified. Compare its fingerprint with the one that the VM's console shows.",
    `If they are the same, set DEPLOY_FINGERPRINT or pass --fingerprint SHA256, or ${saving}.`,
  ];
  for (const line of [...members, ...advice]) process.stderr.write(`${plain(line)}\n`);
}

function said(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return Array.isArray(value) ? value.join(", ") : String(value);
}
