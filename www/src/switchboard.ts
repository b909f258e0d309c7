// The faults that the test server beside a simulated Deploy lets a page switch. A real Deploy has no such
// thing, and then there is no switchboard.

const path = "/simulator/faults";

export interface Account {
  readonly username: string;
  readonly password: string;
}

/** A switch; `leftMs` on one that ends by itself. */
export interface Fault {
  readonly name: string;
  readonly on: boolean;
  readonly leftMs?: number;
}

export interface State {
  readonly account: Account;
  readonly faults: readonly Fault[];
  /** The address of the documentation, where the same server has it. */
  readonly docs?: string;
}

/** A server that does not answer this has no switchboard that anybody would wait for. */
const patience = 3_000;

/** What is switched now; undefined where this page is not served together with a simulator. */
export async function findSwitchboard(): Promise<State | undefined> {
  try {
    return await ask({ signal: AbortSignal.timeout(patience) });
  } catch {
    return undefined;
  }
}

/** @throws when the server cannot be asked */
export async function ask(init: RequestInit = {}): Promise<State> {
  const response = await fetch(path, { credentials: "omit", ...init });
  const body: unknown = await response.json();
  if (!isState(body)) throw new Error("This is not the switchboard of a simulator.");
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
