// How a job's phase is shown, wherever it is shown: its mark, and a word or two.

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

/** The classes that colour it. */
export function lookOf({ phase, latest }: Pick<Watch, "phase" | "latest">): string {
  const waits = phase === "watched" && latest?.state === "queued";
  return `state--${phase}${waits ? " state--queued" : ""}`;
}

/** The state in a word or two, as it is shown and announced. */
export function stateInWords({ phase, latest }: Pick<Watch, "phase" | "latest">): string {
  switch (phase) {
    case "sending":
      return "Sending";
    case "watched":
      return latest ? latest.state.charAt(0).toUpperCase() + latest.state.slice(1) : "Asking";
    case "stopped":
      return "Not watched";
    case "locked":
      return "Waiting for log-in";
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
