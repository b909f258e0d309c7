import type { Client as EngineClient } from "../../target/embed/glue.js";
import { quietly } from "./clock.js";

/** Reports a browser's network and page events to the client. Node has no such events. */
export function watchPage(client: EngineClient): () => void {
  const resumed = () => client.resumed();
  // Only a page from the back/forward cache was away before it is shown.
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

/** Whether the browser reports that it is offline. */
export function isOffline(): boolean {
  try {
    return globalThis.navigator?.onLine === false;
  } catch {
    return false;
  }
}

/**
 * Reports each change of whether the client's requests share one connection. The browser reports this for each finished
 * request, unless the server is on another origin and does not allow it.
 */
export function watchConnections(client: EngineClient, { origin, pathname }: URL): () => void {
  const base = `${origin}${pathname.replace(/\/+$/, "")}/`;
  let known: boolean | undefined;
  try {
    // Unlike the list of entries, an observer misses none if the page clears the list or it is full.
    const observer = new PerformanceObserver((list) => {
      const entries = list.getEntries() as PerformanceResourceTiming[];
      const ours = entries.filter(({ name, nextHopProtocol }) => nextHopProtocol && name.startsWith(base));
      const isMultiplexed = ours.map(({ nextHopProtocol }) => !/^http\/[01]/.test(nextHopProtocol)).at(-1);
      if (isMultiplexed === undefined || isMultiplexed === known) return;
      known = isMultiplexed;
      client.multiplexed(isMultiplexed);
    });
    observer.observe({ type: "resource", buffered: true });
    return () => observer.disconnect();
  } catch {
    return () => {};
  }
}
