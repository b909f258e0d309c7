// The simulated Deploy sends no CORS headers, like a real one.
const happyDOM = { settings: { fetch: { disableSameOriginPolicy: true } } };

export default { test: { environmentOptions: { happyDOM } } };
