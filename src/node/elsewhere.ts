// In place of index.ts where there is no Node, such as in a page: what is imported by mistake says so when it is used.

const WHY = "ontap-select-deploy/node needs Node: a page's certificates and proxies are the browser's";

export function nodeFetch(): never {
  throw new TypeError(`${WHY}; leave the client's option fetch out`);
}

export async function certificate(): Promise<never> {
  throw new TypeError(WHY);
}
