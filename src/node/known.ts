/**
 * The member by which a client knows a `nodeFetch`, which is in a file of its own in the package. It is the function
 * itself, so that one that has only taken over its members is not taken for it.
 */
export const NODE_FETCH = Symbol.for("ontap-select-deploy/node");
