// The headers under which the console page is served, here and in its tests.

// connect-src is as wide as the page's purpose: it calls whichever Deploy the user names, and those are
// reached over https, or on this machine.
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' https: http://localhost:* http://127.0.0.1:*",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

export const pageHeaders = {
  "content-security-policy": policy.join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  // A page that was built anew is seen at the next reload.
  "cache-control": "no-store",
};
