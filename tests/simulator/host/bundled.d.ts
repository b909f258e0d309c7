/** The simulator's wasm as a string. The build declares it in the first line of the bundle. */
declare const simulatorText: string;
