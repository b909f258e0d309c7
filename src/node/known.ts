/**
 * The member by which the client recognizes a `nodeFetch`, which is in another bundle. Its value is the function
 * itself, so that a wrapper with copied members does not match.
 */
export const NODE_FETCH = Symbol.for("ontap-select-deploy/node");
