// VitePress's settings. scripts/lib/build-site.mjs copies this file next to the pages and writes site.json.

import { readFileSync } from "node:fs";

const { base, version, guide, reference } = JSON.parse(
  readFileSync(new URL("site.json", import.meta.url), "utf8"),
);

// The same icon as on the console page.
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='7' fill='%232348c4'/%3E%3Cg fill='%23fff'%3E%3Crect x='6' y='8' width='9' height='4' rx='2'/%3E%3Crect x='11' y='14' width='12' height='4' rx='2'/%3E%3Crect x='19' y='20' width='7' height='4' rx='2'/%3E%3C/g%3E%3C/svg%3E";

/**
 * The same anchors as on repository hosts, so that one link works in both places.
 * @param {string} heading
 */
const slugify = (heading) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");

export default {
  base,
  srcDir: "pages",
  title: "ontap-select-deploy",
  description: "A client for the ONTAP Select Deploy REST API that waits for its asynchronous jobs.",
  lang: "en",
  cleanUrls: false,
  metaChunk: true,
  markdown: { anchor: { slugify }, theme: { light: "github-light-high-contrast", dark: "github-dark" } },
  head: [
    ["meta", { name: "referrer", content: "no-referrer" }],
    ["link", { rel: "icon", href: ICON }],
  ],
  themeConfig: {
    search: { provider: "local", options: { detailedView: true } },
    outline: [2, 3],
    externalLinkIcon: true,
    nav: [
      { text: "Guide", link: "/getting-started", activeMatch: "^/(?!api/|changelog)" },
      { text: "API", link: "/api/ontap-select-deploy/", activeMatch: "/api/" },
      { text: "Rust", link: "/rust/ontap_select_deploy/index.html", target: "_self" },
      { text: version, link: "/changelog" },
      // Only `npm start` also serves a console page.
      ...(base === "/docs/" ? [{ component: "ConsoleLink" }] : []),
    ],
    sidebar: { "/api/": reference, "/": guide },
    docFooter: { prev: "Previous", next: "Next" },
  },
};
