// Serves the documentation next to the console page, with its own policy.

import { serveStatic } from "@hono/node-server/serve-static";

/**
 * @import { HttpBindings } from "@hono/node-server"
 * @import { Hono } from "hono"
 */

/**
 * @typedef {object} Docs
 * @property {string} path its path, with a slash at both ends
 * @property {string} folder the built site
 */

// The pages have inline scripts and styles, but load nothing from another host.
const HEADERS = {
  "content-security-policy":
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

const NOT_YET = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>Documentation</title>
<p>The documentation is being built. This page reloads until it is ready. If the build fails, the terminal of <code>npm start</code> shows the error.</p>
</html>
`;

/**
 * @param {Hono<{ Bindings: HttpBindings }>} site
 * @param {Docs} docs
 */
export function serveDocs(site, { path, folder }) {
  const files = serveStatic({
    root: folder,
    rewriteRequestPath: (asked) => asked.slice(path.length - 1),
  });
  site.use(`${path}*`, async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value);
  });
  site.get(path.slice(0, -1), (context) => context.redirect(path));
  site.get(`${path}*`, files, (context) => {
    if (context.req.path === path) return context.html(NOT_YET, 503, { "retry-after": "5" });
    return context.notFound();
  });
}
