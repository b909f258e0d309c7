// Which mark stands for which phase, wherever it is drawn.

import type { Mark } from "./icons.js";
import type { Phase } from "./watch.js";

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
