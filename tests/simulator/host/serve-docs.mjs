// The documentation's site next to the console page, under a policy of its own.

import { serveStatic } from "@hono/node-server/serve-static";

/**
 * @import { HttpBindings } from "@hono/node-server"
 * @import { Hono } from "hono"
 */

/**
 * @typedef {object} Docs
 * @property {string} path where it is, with a slash at both ends
 * @property {string} folder what was built
 */

// The generator's pages have small scripts and styles in them; nothing comes from another host.
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
<p>The documentation is being built. This page reloads until it is there; the terminal of <code>npm start</code> says if that fails.</p>
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
