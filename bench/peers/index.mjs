// Who is measured, in the order of a round.

export const PEERS = [
  "floor",
  "hand",
  "package",
  "package-list",
  "package-all",
  "package-node",
  "util-waiter",
  "p-wait-for",
  "ky",
  "core-lro",
  "core-lro-pipeline",
  "query-core",
];
