// The built package's types in several kinds of projects, and its exports at run time.
//
// The assertions are expect-type's, checked by the project's own compiler. tsd would bring another compiler.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as imported from "ontap-select-deploy";
import * as workflows from "ontap-select-deploy/workflows";
import ts from "typescript";
import { dist } from "../../scripts/lib/paths.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const require = createRequire(import.meta.url);
const files = readdirSync(here).filter((name) => /\.c?ts$/.test(name));

const { config } = ts.readConfigFile(`${here}tsconfig.json`, ts.sys.readFile);

/** The differences of each project from tsconfig.json, and the files that it excludes. */
const projects = {
  "a page's": {},
  "a bundler's": { module: "esnext", moduleResolution: "bundler", without: ["required.cts"] },
  // Its lib has no `Symbol.dispose`.
  "an older": { target: "es2020", lib: ["es2020", "dom", "dom.iterable"] },
  // It has Node's types but not the DOM's. Node 20's types lack WebAssembly, which slim uses.
  "a script's": { lib: ["es2023"], types: ["node"], without: ["dom.ts", "slim.ts"] },
  "a less exact": { exactOptionalPropertyTypes: false, without: ["exact.ts"] },
};

function compile({ without = [], ...options }) {
  const all = { ...config.compilerOptions, ...options };
  const { options: read, errors } = ts.convertCompilerOptionsFromJson(all, here);
  assert.deepEqual(errors, []);
  const chosen = files.filter((name) => !without.includes(name)).map((name) => here + name);
  return ts.createProgram(chosen, read);
}

for (const [whose, project] of Object.entries(projects)) {
  test(`in ${whose} project the types are as documented, without any`, () => {
    const program = compile(project);
    const host = {
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => here,
      getNewLine: () => "\n",
    };
    const found = ts.getPreEmitDiagnostics(program);
    assert.equal(found.length, 0, ts.formatDiagnostics(found, host));
    assert.deepEqual(anys(program), []);
  });
}

// An unknown name also counts as any. A part of a template is not a type.
function anys(program) {
  const checker = program.getTypeChecker();
  const found = [];
  const visit = (node) => {
    const isType = ts.isTypeNode(node) && !ts.isTemplateLiteralTypeSpan(node);
    if (isType && checker.getTypeFromTypeNode(node).flags & ts.TypeFlags.Any) {
      found.push(`${node.getSourceFile().fileName}: ${node.getText()}`);
    }
    ts.forEachChild(node, visit);
  };
  const own = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(`${dist}/`));
  assert.ok(own.length > 0, "the package's own declarations are checked");
  own.forEach(visit);
  return found;
}

/** The entries with values. */
const entries = [
  { types: "index.d.ts", imported, required: require("ontap-select-deploy") },
  {
    types: "workflows/index.d.ts",
    imported: workflows,
    required: require("ontap-select-deploy/workflows"),
  },
];

/** The exports of an entry, from the type checker. */
function exported(program, types) {
  const checker = program.getTypeChecker();
  const index = program.getSourceFiles().find(({ fileName }) => fileName === `${dist}/esm/${types}`);
  return checker
    .getExportsOfModule(checker.getSymbolAtLocation(index))
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));
}

test("the runtime exports match the types, imported and required", () => {
  const program = compile(projects["a page's"]);
  for (const { types, imported, required } of entries) {
    const names = exported(program, types)
      .filter(({ flags }) => flags & ts.SymbolFlags.Value)
      .map(({ name }) => name)
      .sort();
    assert.ok(names.includes("JobHandle") || names.includes("createCluster"), types);
    assert.deepEqual(Object.keys(imported).sort(), names);
    assert.deepEqual(Object.keys(required).sort(), names);
  }
});

test("an editor shows an example of each class, method and type, and says what each option does", () => {
  const bare = [];
  const look = (node) => {
    const name = `${ts.isClassElement(node) ? `${node.parent.name.text}.` : ""}${node.name?.getText() ?? "constructor"}`;
    if (!ts.getJSDocTags(node).some((tag) => tag.tagName.text === "example")) bare.push(name);
  };
  const program = compile(projects["a page's"]);
  for (const { declarations, name } of entries.flatMap(({ types }) => exported(program, types))) {
    for (const node of declarations) {
      look(node);
      if (ts.isClassDeclaration(node)) node.members.filter(isMethod).forEach(look);
      if (/^(Client|Call|Wait)Options$/.test(name)) {
        for (const option of node.members)
          if (!ts.getJSDocCommentsAndTags(option).length) bare.push(option.name.getText());
      }
    }
  }
  assert.deepEqual(bare, []);
});

const isMethod = (member) =>
  ts.isMethodDeclaration(member) ||
  (ts.isConstructorDeclaration(member) && !(ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private));

test("a handle is a JobHandle, and only a client creates one", () => {
  const client = new imported.DeployClient({ baseUrl: "https://deploy.example.com/api" });
  assert.ok(client.job("1") instanceof imported.JobHandle);
  assert.throws(() => new imported.JobHandle("1"), {
    name: "TypeError",
    message: /^JobHandle: create one with/,
  });
  client.close();
});

test("a compiler error for a described path names the missing argument", () => {
  const file = `${here}lacking.ts`;
  const text = `import { DeployClient } from "ontap-select-deploy";
import type { DeployApi } from "ontap-select-deploy/api";
declare const typed: DeployClient<DeployApi>;
typed.get("/clusters/{id}");
typed.post("/hosts", { host: [] });
typed.read("/clusters/{id}");
typed.list("/clusters/{id}", { params: { id: 1 } });
typed.read("/clusters");
`;
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, here);
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile, readFile } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? text : readFile(name));
  host.getSourceFile = (name, target) =>
    name === file ? ts.createSourceFile(name, text, target) : getSourceFile.call(host, name, target);
  const found = ts.getPreEmitDiagnostics(ts.createProgram([file], options, host));
  const said = found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  assert.equal(said.length, 5);
  assert.match(said[0], /"\/clusters\/\{id\}" & PathNeedsItsParamsQueryOrBody/);
  assert.match(said[1], /'hosts?' (is missing|does not exist) in type/);
  // A type with suggested values keeps its name.
  assert.match(said[1], /hypervisor_type: HypervisorType/);
  assert.match(said[2], /"\/clusters\/\{id\}" & PathNeedsItsParamsQueryOrBody/);
  assert.match(said[3], /"\/clusters\/\{id\}" & PathHasOneRecord/);
  assert.match(said[4], /"\/clusters" & PathHasManyRecords/);
});

test("an editor suggests the paths, the params and the members of a body", () => {
  const file = `${here}offers.ts`;
  const head = `import { DeployClient } from "ontap-select-deploy";
import type { DeployApi } from "ontap-select-deploy/api";
declare const typed: DeployClient<DeployApi>;
`;
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, here);
  let text = head;
  let version = 0;
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: (name) => (name === file ? String(version) : "0"),
    getScriptSnapshot(name) {
      const content = name === file ? text : ts.sys.readFile(name);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => here,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: (name) => (name === file ? text : ts.sys.readFile(name)),
    directoryExists: ts.sys.directoryExists,
  });
  const offered = (call) => {
    const at = head.length + call.indexOf("|");
    text = head + call.replace("|", "");
    version += 1;
    return service.getCompletionsAtPosition(file, at, {})?.entries.map(({ name }) => name) ?? [];
  };
  for (const [call, ...names] of [
    [`typed.get("|");`, "/clusters", "/clusters/{id}", "/hosts/{id}/storage/pools"],
    [`typed.post("|", {});`, "/hosts", "/clusters/{id}/deploy"],
    [`typed.request("GET", "|");`, "/clusters"],
    [`typed.submit("POST", "|");`, "/clusters/{id}/deploy"],
    [`typed.submit("|", "/hosts");`, "POST", "DELETE"],
    [`typed.get("/clusters/{id}", { params: { | } });`, "id"],
    [`typed.get("/hosts", { query: { | } });`, "fields", "invalidate_cache", "hypervisor_type"],
    [`typed.post("/hosts", { hosts: [{ | }] });`, "name", "hypervisor_type", "management_server"],
    [`typed.post("/hosts", { hosts: [{ name: "h", hypervisor_type: "|" }] });`, "ESX", "KVM"],
    [`typed.list("|");`, "/clusters", "/hosts/{id}/storage/pools"],
    [`typed.list("/hosts", { query: { | } });`, "fields", "invalidate_cache"],
    [`typed.list("/hosts/{id}/networks", { params: { | } });`, "id"],
    [`typed.find("|", {});`, "/clusters", "/security/credentials"],
    [`typed.find("/hosts", { | });`, "fields", "invalidate_cache", "hypervisor_type"],
    [`typed.read("|");`, "/clusters/{id}", "/deploy"],
    [`typed.read("/clusters/{id}", { params: { | } });`, "id"],
    [`typed.ensure("|", {}, {});`, "/hosts", "/clusters"],
    [`typed.ensure("/hosts", {}, { hosts: [{ | }] });`, "name", "hypervisor_type"],
    [`typed.ensure("/clusters", {}, { name: "c" }, { postQuery: { | } });`, "node_count"],
    [`typed.until("|", () => true);`, "/clusters/{id}", "/hosts/{id}"],
    [`typed.until("/clusters/{id}", (cluster) => cluster.|, { params: { id: 1 } });`, "state", "is_deployed"],
  ]) {
    const found = offered(call);
    for (const name of names)
      assert.ok(found.includes(name), `${call} offers ${name}: ${found.slice(0, 50)}`);
  }
  assert.ok(!offered(`typed.get("|");`).includes("/clusters/{id}/deploy"), "that path has no GET");
  assert.ok(!offered(`typed.list("|");`).includes("/clusters/{id}"), "that path has no records");
  assert.ok(!offered(`typed.read("|");`).includes("/clusters"), "that path has no record");
  assert.ok(!offered(`typed.ensure("|", {}, {});`).includes("/images"), "that path has no POST");
});
