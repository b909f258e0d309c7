// Generates llms.txt, an overview of the documentation for assistants (https://llmstxt.org).

import { beginning, sectionsOf } from "./markdown.mjs";

/** @import { Group, Page } from "./site-pages.mjs" */

const ABOUT = `# ontap-select-deploy

> A client for the ONTAP Select Deploy REST API that waits for its asynchronous jobs. One call, one promise: it settles when the job has finished, not when the server has accepted it. Rust compiled to WebAssembly, for browsers and Node 20 or later, without dependencies.

- \`await deploy.post(path, body)\` sends the call once, polls its job, and resolves or rejects with the job's end. Write no poll loop around it.
- Do not resend a call that ended without a clear result: \`error.outcome\` is "unknown" then. Check the object, or continue the wait with \`deploy.resume(error.token)\`.
- A timeout ends the wait, not the job. Only \`JobFailedError\` says that the job failed.
- A self-signed certificate: \`nodeFetch({ fingerprint256 })\` of \`ontap-select-deploy/node\`. Never \`NODE_TLS_REJECT_UNAUTHORIZED=0\`.
- Whole jobs (create, resize and delete a cluster, add a license, back up): \`ontap-select-deploy/workflows\`. Tests without a VM: \`ontap-select-deploy/simulator\`.
- Every type, with comments: \`dist/esm/index.d.ts\` in the package.
`;

/**
 * The overview, with one line per page.
 * @param {Group[]} groups
 * @param {(page: Page) => string | undefined} address undefined for a page that is not included
 */
export function llms(groups, address) {
  const parts = groups.map(({ title, pages }) => {
    const lines = pages
      .filter((page) => address(page) !== undefined)
      .map((page) => `- [${page.title}](${address(page)})${about(page)}`);
    return `## ${title}\n\n${lines.join("\n")}\n`;
  });
  return [ABOUT, ...parts].join("\n");
}

/**
 * The line of a page: its first sentences and its sections. Empty if it has neither.
 * @param {Page} page
 */
function about({ text }) {
  const sections = sectionsOf(text);
  const parts = [beginning(text), sections.length > 0 ? `Sections: ${sections.join("; ")}.` : ""];
  const about = parts.filter(Boolean).join(" ");
  return about === "" ? "" : `: ${about}`;
}

/**
 * All pages of the guides in one file.
 * @param {Group[]} groups
 */
export function llmsFull(groups) {
  const pages = groups.flatMap((group) => group.pages);
  return [ABOUT, ...pages.map((page) => `<!-- docs/${page.page} -->\n\n${page.text}`)].join("\n");
}
