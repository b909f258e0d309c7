// In place of index.ts where there is no Node, such as in a page: what is imported by mistake says so when it is used.

const WHY =
  "ontap-select-deploy/node works in Node only: in a page, the browser handles certificates and proxies";

export function nodeFetch(): never {
  throw new TypeError(`${WHY}; remove the client's fetch option`);
}

export async function certificate(): Promise<never> {
  throw new TypeError(WHY);
}
