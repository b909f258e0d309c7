// The peers, in the order of the tables.

export const PEERS = [
  "floor",
  "floor-again",
  "hand",
  "package",
  "package-list",
  "package-all",
  "package-node",
  "package-node-all",
  "util-waiter",
  "p-wait-for",
  "ky",
  "core-lro",
  "core-lro-pipeline",
  "query-core",
  "ballast-text",
  "ballast-compile",
];

/** What a user would pick instead of the package. */
export const OTHERS = [
  "hand",
  "util-waiter",
  "p-wait-for",
  "ky",
  "core-lro",
  "core-lro-pipeline",
  "query-core",
];
