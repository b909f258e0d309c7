// certificate: what a server shows of itself, for a person to compare. Trusts nothing, and sends no request.

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
    if (!values.quiet) explain(isPiped ? shown : undefined);
    return SUCCESS;
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message.replace("address:", "certificate:"));
    printError(plain((error as Error).message));
    return REFUSED;
  } finally {
    await output?.discard();
  }
}

/** For a person. `shown` is what standard output does not show. */
function explain(shown: object | undefined): void {
  const members = Object.entries(shown ?? {}).map(([name, value]) => `${name}: ${said(value)}`);
  const advice = [
    "Nothing was checked. Compare the fingerprint with one that came another way, such as from the VM's console;",
    "then --fingerprint trusts this certificate, or --ca the file with it.",
  ];
  for (const line of [...members, ...advice]) process.stderr.write(`${plain(line)}\n`);
}

function said(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return Array.isArray(value) ? value.join(", ") : String(value);
}
