import type { Client as EngineClient } from "../../target/embed/glue.js";

/** Tells the client what a browser says of the network and of its page; in Node there is nothing. */
export function listenAround(client: EngineClient): () => void {
  const awake = () => client.awake();
  // A page is shown once without having been anywhere; it is back if it was kept meanwhile.
  const shown = (event: Event) => (event as PageTransitionEvent).persisted && awake();
  const page = globalThis.document as EventTarget | undefined;
  const listeners: [Partial<EventTarget> | undefined, string, (event: Event) => void][] = [
    [globalThis, "offline", () => client.offline()],
    [globalThis, "online", awake],
    [globalThis, "pageshow", shown],
    [page, "resume", awake],
  ];
  for (const [target, name, heard] of listeners) target?.addEventListener?.(name, heard);
  if (isOffline()) client.offline();
  return () => {
    for (const [target, name, heard] of listeners) target?.removeEventListener?.(name, heard);
  };
}

/** Whether the browser says that there is no network. */
export function isOffline(): boolean {
  return globalThis.navigator?.onLine === false;
}
