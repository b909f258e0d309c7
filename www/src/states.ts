// A job's phase as a mark, a color and words.

import type { Mark } from "./icons.js";
import type { Phase, Watch } from "./watch.js";

export const marks: Readonly<Record<Phase, Mark>> = {
  sending: "dots",
  watched: "dots",
  stopped: "pause",
  locked: "pause",
  succeeded: "check",
  failed: "cross",
  refused: "cross",
  unknown: "question",
};

/** The CSS classes for its color. */
export function lookOf({ phase, latest }: Pick<Watch, "phase" | "latest">): string {
  const waits = phase === "watched" && latest?.state === "queued";
  return `state--${phase}${waits ? " state--queued" : ""}`;
}

/** The state in words, for display and announcements. */
export function stateInWords({ phase, latest }: Pick<Watch, "phase" | "latest">): string {
  switch (phase) {
    case "sending":
      return "Sending";
    case "watched":
      return latest ? latest.state.charAt(0).toUpperCase() + latest.state.slice(1) : "Checking";
    case "stopped":
      return "Not followed";
    case "locked":
      return "Waiting for login";
    case "succeeded":
      return "Succeeded";
    case "failed":
      return "Failed";
    case "refused":
      return "Not started";
    case "unknown":
      return "Outcome unknown";
  }
}
