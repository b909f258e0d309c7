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

/**
 * Reports to the client whether its requests share one connection, as often as that changes. A browser says so of
 * each request that has ended, unless the server is of another origin and does not allow it.
 */
export function watchConnections(client: EngineClient, { origin, pathname }: URL): () => void {
  const base = `${origin}${pathname.replace(/\/+$/, "")}/`;
  let known: boolean | undefined;
  try {
    // Unlike the list of entries, an observer misses none when the page clears the list, or it is full.
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
