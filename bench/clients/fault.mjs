// Follows one job through a fault: how it ended, and when.

const { peer, options, bearer, abortAfterMs } = await new Promise((resolve) =>
  process.once("message", resolve),
);
const { create } = await import(peer);

// A user's own function, which gets a new token when it hears that the last one was refused.
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
const result = await client
  .run({ hosts: [{ name: "esx-1", hypervisor_type: "ESX" }] }, { signal: abort.signal })
  .then(
    ({ state }) => ({ outcome: state }),
    (error) => ({ outcome: "rejected", error: `${error?.name}: ${error?.message}`.slice(0, 120) }),
  );
process.send({ result: { ...result, ms: Math.round(performance.now() - began) } });
// It lives on, so that what it left open is seen.
setTimeout(() => {}, 5_000);
