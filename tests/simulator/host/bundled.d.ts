/** The simulator's wasm as text, which the build declares in the first line of the bundle. */
declare const simulatorText: string;
