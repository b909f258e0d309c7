// The faults that the test server of a simulated Deploy lets a page switch. A real Deploy has none.

const path = "/simulator/faults";

export interface Account {
  readonly username: string;
  readonly password: string;
}

/** A fault; `leftMs`: it ends automatically after this time. */
export interface Fault {
  readonly name: string;
  readonly on: boolean;
  readonly leftMs?: number;
}

export interface State {
  readonly account: Account;
  readonly faults: readonly Fault[];
  /** The address of the documentation, if the same server has it. */
  readonly docs?: string;
}

/** Timeout in milliseconds. */
const patience = 3_000;

/** The current faults; undefined if the page's server has no simulator. */
export async function findSwitchboard(): Promise<State | undefined> {
  try {
    return await ask({ signal: AbortSignal.timeout(patience) });
  } catch {
    return undefined;
  }
}

/** @throws if the request fails or the server has no simulator */
export async function ask(init: RequestInit = {}): Promise<State> {
  const response = await fetch(path, { credentials: "omit", ...init });
  const body: unknown = await response.json();
  if (!isState(body)) throw new Error("The server sent no simulator state.");
  return body;
}

/** @throws as `ask` */
export function setFault(name: string, on: boolean): Promise<State> {
  const headers = { "content-type": "application/json" };
  return ask({ method: "POST", headers, body: JSON.stringify({ name, on }) });
}

function isState(body: unknown): body is State {
  return typeof body === "object" && body !== null && "simulator" in body && body.simulator === true;
}
