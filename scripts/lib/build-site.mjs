// Builds the documentation as one static site: the pages of docs/ and the references of the package and the crates.
// VitePress generates it. Its search needs no server and no other host.

import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { packageDocs, rustDocs } from "./build-docs.mjs";
import { buildEngine } from "./build-engine.mjs";
import { checkSite } from "./check-site.mjs";
import { llms, llmsFull } from "./llms.mjs";
import { root, siteDir, target } from "./paths.mjs";
import { must } from "./run.mjs";
import { contents, docsFiles, forSite, outsidePages, tracked } from "./site-pages.mjs";
import { step } from "./stamp.mjs";

/** Where `npm start` serves the site. */
export const SITE_BASE = "/docs/";

const stage = `${target}/site`;
const pages = `${stage}/pages`;
const api = `${target}/api`;
const RUST = `${target}/doc`;

/** @import { Group, Page } from "./site-pages.mjs" */

/**
 * Builds the site into target/docs, unless it is up to date.
 * @param {string} [base] the path of the site on the web server, with a slash at both ends
 */
export async function buildSite(base = SITE_BASE) {
  await buildEngine();
  await packageDocs();
  await rustDocs();
  await install();
  const [groups, outside] = await Promise.all([contents(), outsidePages()]);
  const examples = new Set(await tracked("examples/"));
  const sources = ["site", "docs", "examples", "scripts/lib"].map((name) => `${root}/${name}`);
  const inputs = [...sources, ...outside.map(({ file }) => `${root}/${file}`), api, RUST];
  await step("Building the site", { name: "site", inputs, outputs: [siteDir], key: base }, async () => {
    await stagePages(base, groups, outside, examples);
    await stageFiles();
    await stageExamples(examples);
    await stageReference();
    await stageConfig(base, groups);
    await put(
      "public/llms.txt",
      llms(groups, (page) => page.page.replace(/md$/, "html")),
    );
    await put("public/llms-full.txt", llmsFull(groups));
    const vitepress = `${stage}/node_modules/vitepress/bin/vitepress.js`;
    await must(process.execPath, [vitepress, "build", stage], { cwd: stage, env: { NO_COLOR: "1" } });
    const built = `${stage}/.vitepress/dist`;
    await copyRust(built);
    await checkSite(built, base);
    await rm(siteDir, { recursive: true, force: true });
    await rename(built, siteDir);
  });
}

/** Installs the generator from site/package-lock.json, separate from this repository's own packages. */
async function install() {
  const files = ["package.json", "package-lock.json"].map((name) => `${root}/site/${name}`);
  const installed = `${stage}/node_modules/.package-lock.json`;
  const about = { name: "site-packages", inputs: files, outputs: [installed] };
  await step("Installing the site's generator", about, async () => {
    await mkdir(stage, { recursive: true });
    for (const file of files) await cp(file, join(stage, basename(file)));
    await must("npm", ["ci", "--ignore-scripts", "--prefer-offline"], { cwd: stage });
  });
}

/**
 * @param {string} base
 * @param {Group[]} groups
 * @param {Page[]} outside
 * @param {Set<string>} examples
 */
async function stagePages(base, groups, outside, examples) {
  await rm(pages, { recursive: true, force: true });
  for (const page of [...groups.flatMap((group) => group.pages), ...outside]) {
    await put(page.page, forSite(page, examples, base));
  }
  const text = await readFile(`${root}/site/index.md`, "utf8");
  const index = { file: "site/index.md", page: "index.md", text, title: "" };
  await put("index.md", forSite(index, examples, base));
}

/** Copies the other files of docs/ that the pages show or link to. */
async function stageFiles() {
  for (const name of await docsFiles()) {
    if (name.endsWith(".md")) continue;
    await copy(`docs/${name}`, join(pages, name.endsWith(".json") ? `public/${name}` : name));
  }
}

/** @param {Set<string>} examples */
async function stageExamples(examples) {
  for (const file of examples) await copy(file, join(pages, "public", file));
}

/** Copies the package's reference, which typedoc wrote as Markdown. */
async function stageReference() {
  await cp(api, `${pages}/api`, { recursive: true });
}

/**
 * @param {string} name in the site
 * @param {string} text
 */
async function put(name, text) {
  const file = join(pages, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/**
 * @param {string} file in the repository
 * @param {string} to
 */
async function copy(file, to) {
  await mkdir(dirname(to), { recursive: true });
  await cp(join(root, file), to);
}

/**
 * Writes the generator's settings and the data of the sidebar.
 * @param {string} base
 * @param {Group[]} groups
 */
async function stageConfig(base, groups) {
  const folder = `${stage}/.vitepress`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(`${root}/site/config.mjs`, `${folder}/config.mjs`);
  await cp(`${root}/site/theme`, `${folder}/theme`, { recursive: true });
  const guide = groups.map(({ title, pages }) => ({
    text: title,
    collapsed: false,
    items: pages.map((page) => ({ text: page.title, link: `/${page.page}` })),
  }));
  const { version } = JSON.parse(await readFile(`${root}/package.json`, "utf8"));
  const data = { base, version, guide, reference: await referenceSidebar() };
  await writeFile(`${folder}/site.json`, JSON.stringify(data));
}

/** The sidebar of the reference: the package's entries and their exports, from the files that typedoc wrote. */
async function referenceSidebar() {
  const files = (await readdir(api, { recursive: true })).filter((file) => file.endsWith(".md"));
  const entries = files
    .filter((file) => file.endsWith("/index.md"))
    .map(dirname)
    .sort();
  return entries.map((entry) => ({
    text: entry,
    link: `/api/${entry}/`,
    collapsed: entry !== entries[0],
    items: files
      .filter((file) => dirname(dirname(file)) === entry && !file.endsWith("index.md"))
      .map((file) => ({ text: basename(file, ".md"), link: `/api/${file}` }))
      .sort((one, other) => one.text.localeCompare(other.text)),
  }));
}

/**
 * Copies the crates' reference, which rustdoc wrote, to rust/.
 * @param {string} built
 */
async function copyRust(built) {
  const [lock, folder] = [join(RUST, ".lock"), join(built, "rust")];
  await cp(RUST, folder, { recursive: true, filter: (from) => from !== lock });
  const first = "ontap_select_deploy/index.html";
  await writeFile(
    join(folder, "index.html"),
    `<!doctype html><meta charset="utf-8"><title>Rust</title><meta http-equiv="refresh" content="0; url=${first}"><a href="${first}">The crate</a>\n`,
  );
}
