import type { Client as EngineClient } from "../../target/embed/glue.js";
import { quietly } from "./clock.js";

/** Reports to the client what a browser says of its network and page; Node has no such events. */
export function watchPage(client: EngineClient): () => void {
  const resumed = () => client.resumed();
  // The first time a page is shown it has not been away; it has if the browser kept it meanwhile.
  const shown = (event: Event) => (event as PageTransitionEvent).persisted && resumed();
  const page = globalThis.document as EventTarget | undefined;
  const listeners: [Partial<EventTarget> | undefined, string, (event: Event) => void][] = [
    [globalThis, "offline", () => client.offline()],
    [globalThis, "online", resumed],
    [globalThis, "pageshow", shown],
    [page, "resume", resumed],
  ];
  for (const [target, name, listener] of listeners) quietly(() => target?.addEventListener?.(name, listener));
  if (isOffline()) client.offline();
  return () => {
    for (const [target, name, listener] of listeners)
      quietly(() => target?.removeEventListener?.(name, listener));
  };
}

/** Whether the browser says that there is no network. */
export function isOffline(): boolean {
  try {
    return globalThis.navigator?.onLine === false;
  } catch {
    return false;
  }
}
