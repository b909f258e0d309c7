// Follows one job through a fault: how it ended, and when.

const { peer, options, bearer, abortAfterMs, secret } = await new Promise((resolve) =>
  process.once("message", resolve),
);
const { create } = await import(peer);

// The function of a user that fetches a new token after a 401.
let token = bearer?.first;
const authorization = (status) => {
  if (status === 401) token = bearer.second;
  return Promise.resolve(`Bearer ${token}`);
};
const client = create(bearer ? { ...options, authorization } : options);
const abort = new AbortController();
let began = performance.now();
if (abortAfterMs) {
  setTimeout(() => {
    began = performance.now();
    abort.abort(new Error("enough"));
  }, abortAfterMs);
}

function textOf(error) {
  try {
    return `${error?.message} ${JSON.stringify(error)}`;
  } catch {
    return String(error?.message);
  }
}

const result = await client
  .run({ hosts: [{ name: "esx-1", hypervisor_type: "ESX" }] }, { signal: abort.signal })
  .then(
    ({ state }) => ({ outcome: state }),
    (error) => ({
      outcome: "rejected",
      error: `${error?.name}: ${error?.message}`.slice(0, 120),
      ...(secret && { leaked: textOf(error).includes(secret) }),
    }),
  );
process.send({ result: { ...result, ms: Math.round(performance.now() - began) } });
// The process lives on, so that the server sees what is still open.
setTimeout(() => {}, 5_000);
