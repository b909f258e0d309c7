// Asks for confirmation on a terminal.

import { createInterface } from "node:readline/promises";
import { Interrupted, LocalError } from "./outcome.js";
import type { Session } from "./session.js";
import type { Values } from "./table.js";

/** Whether to ask. Without a terminal nobody could answer. */
export function isAsking({ yes }: Values): boolean {
  return !yes && process.stdin.isTTY && process.stderr.isTTY;
}

/** @throws LocalError if the answer does not confirm */
export async function confirm(
  session: Session,
  question: string,
  agrees: (answer: string) => boolean,
): Promise<void> {
  const answer = await session.aside(() => ask(question, session.limit().signal));
  if (!agrees(answer.trim())) throw new LocalError("not confirmed; nothing was changed");
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
  // The terminal stays in its normal mode, so that Ctrl-C still sends a signal.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    return await Promise.race([
      lines.question(question, { signal }),
      // Ctrl-D closes the input.
      new Promise<string>((resolve) => lines.once("close", () => resolve(""))),
    ]);
  } catch (error) {
    throw signal.reason instanceof Interrupted ? signal.reason : error;
  } finally {
    lines.close();
  }
}
