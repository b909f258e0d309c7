// The simulated Deploy has no CORS, as a real one has none.
const happyDOM = { settings: { fetch: { disableSameOriginPolicy: true } } };

export default { test: { environmentOptions: { happyDOM } } };
