// Ballast: the hand-written loop, and the package's engine as the string that the package embeds. Nothing uses the string.

import { text } from "#ballast";

export { create } from "./hand.mjs";

export const title = "hand-written loop + the engine as a string";

// A bundler drops a string that nothing refers to.
globalThis.ballast = text;
