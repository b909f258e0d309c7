function isOn({ state }) {
  if (/failed/.test(state)) throw new Error(`The cluster is ${state}`);
  return state === "powered_on";
}

/** Waits until a cluster is powered on. */
export function waitUntilOn(deploy, id) {
  const options = { params: { id }, query: { fields: "state" }, timeout: 600_000 };
  return deploy.until("/clusters/{id}", isOn, options);
}
