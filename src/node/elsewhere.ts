// Replaces index.ts outside Node, such as in a page. The functions throw when they are called.

const WHY =
  "ontap-select-deploy/node works in Node only: in a page, the browser handles certificates and proxies";

export function nodeFetch(): never {
  throw new TypeError(`${WHY}; remove the client's fetch option`);
}

export async function certificate(): Promise<never> {
  throw new TypeError(WHY);
}
