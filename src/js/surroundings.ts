import type { EngineClient } from "./engine.js";

/** Tells the client what a browser says of the network and of its page; in Node there is nothing. */
export function listenAround(client: EngineClient): () => void {
  const over = new AbortController();
  const on = (target: Partial<EventTarget> | undefined, name: string, heard: (event: Event) => void) =>
    target?.addEventListener?.(name, heard, { signal: over.signal });
  const page = globalThis.document as EventTarget | undefined;
  const awake = () => client.awake();
  on(globalThis, "offline", () => client.offline());
  on(globalThis, "online", awake);
  on(page, "resume", awake);
  // A page is shown once without having been anywhere; it is back if it was kept meanwhile.
  on(globalThis, "pageshow", (event) => (event as PageTransitionEvent).persisted && awake());
  if (globalThis.navigator?.onLine === false) client.offline();
  return () => over.abort();
}
