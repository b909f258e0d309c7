// The floor a second time in each round. The ratio of both is the noise of the measurement.

export { create } from "./floor.mjs";

export const title = "floor, again";
