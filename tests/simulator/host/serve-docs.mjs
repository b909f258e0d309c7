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
 * @property {boolean} [hasFailed] whether the build failed
 */

// The pages have inline scripts and styles, but load nothing from another host.
const HEADERS = {
  "content-security-policy":
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/**
 * The page in place of a site that is not built.
 * @param {Docs} docs
 */
function notYet({ hasFailed }) {
  const reload = hasFailed ? "" : '<meta http-equiv="refresh" content="5">\n';
  const text = hasFailed
    ? "The documentation was not built. The terminal of <code>npm start</code> shows the error."
    : "The documentation is being built. This page reloads until it is ready.";
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width, initial-scale=1">
${reload}<title>Documentation</title>
<p>${text}</p>
</html>
`;
}

/**
 * @param {Hono<{ Bindings: HttpBindings }>} site
 * @param {Docs} docs
 */
export function serveDocs(site, docs) {
  const { path, folder } = docs;
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
    if (context.req.path === path) return context.html(notYet(docs), 503, { "retry-after": "5" });
    return context.notFound();
  });
}
