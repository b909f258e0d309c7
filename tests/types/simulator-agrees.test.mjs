// Compares the API's types with the strict simulator: it has each described call, accepts each described member, and its
// responses have the described types.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSimulator, createVirtualClock } from "ontap-select-deploy/simulator";
import ts from "typescript";

const here = fileURLToPath(new URL(".", import.meta.url));

/** The simulator's members that are not public. */
const MADE_UP = {
  Backup: ["name", "status"],
  Credential: ["status"],
  DeployEvent: ["request_id"],
  License: ["type", "capacity"],
  Reference: ["name"],
};

const json = { "content-type": "application/json" };
const upload = (serial, more = {}) => {
  const form = new FormData();
  form.set(
    "license_file",
    new Blob([JSON.stringify({ statusResp: { serialNumber: serial } })]),
    "license.txt",
  );
  for (const [name, value] of Object.entries(more)) form.set(name, value);
  return form;
};
const esx = { hypervisor_type: "ESX", management_server: "vc" };
const description = {
  ontap_image_version: "9.17.1",
  ip: "192.0.2.20",
  gateway: "192.0.2.1",
  netmask: "255.255.255.0",
  ntp_servers: ["192.0.2.4"],
  dns_info: { domains: ["example.com"], dns_ips: ["192.0.2.2"] },
  mtu: 9000,
};

/** Makes each call of the API on a strict simulator. Returns the requests and responses. */
async function play() {
  const clock = createVirtualClock();
  const simulator = createSimulator({ refuseUnknownMembers: true }, { clock });
  const played = [];
  async function call(method, template, { params = {}, query = "", body } = {}) {
    const path = template.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name]));
    const isJson = body !== undefined && !(body instanceof FormData);
    const answer = await simulator.fetch(`https://deploy.example.com/api${path}${query}`, {
      method,
      headers: { authorization: `Basic ${btoa("admin:Netapp1!")}`, ...(isJson && json) },
      ...(body !== undefined && { body: isJson ? JSON.stringify(body) : body }),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}${query}: ${answer.status} ${text}`);
    const response = text === "" ? undefined : JSON.parse(text);
    played.push({ method, template, body, isJson, response });
    if (response?.job) await clock.advance(600_000);
    return { response, id: answer.headers.get("location")?.split("/").at(-1) };
  }
  const all = "?fields=**";
  const each = async (template, params = {}) => {
    const { response } = await call("GET", template, { params, query: all });
    assert.ok(response.num_records > 0, `${template} has a record`);
    return response.records;
  };

  const login = { hostname: "vc", username: "u", password: "p", type: "vcenter" };
  const credential = await call("POST", "/security/credentials", { body: login });
  await each("/security/credentials");
  await call("GET", "/security/credentials/{id}", { params: credential, query: all });
  const own = { username: "root", password: "p" };
  const hosts = [
    { name: "esx-1", ...esx },
    { name: "esx-2", ...esx },
    { name: "kvm-1", hypervisor_type: "KVM", credential: own },
  ];
  await call("POST", "/hosts", { body: { hosts } });
  const records = await each("/hosts");
  for (const part of ["networks", "storage/pools", "storage/disks"])
    await each(`/hosts/{id}/${part}`, { id: records[0].id });
  await call("GET", "/hosts/{id}", { params: records[0], query: all });
  const host_networks = [{ host_name: "esx-1", network_name: "ontap-internal" }];
  const check = { mode: "quick", mtu: 9000, vswitch_type: "StandardvSwitch", debug: false, host_networks };
  await call("POST", "/network/connectivitychecks", { body: check });
  await call("POST", "/licensing/licenses", { body: upload("320000009") });
  await each("/licensing/licenses");
  await call("GET", "/licensing/licenses/{id}", { params: { id: "320000009" }, query: all });

  const { id } = await call("POST", "/clusters", {
    query: "?node_count=2",
    body: { name: "c1", ...description },
  });
  await call("PATCH", "/clusters/{id}", {
    params: { id },
    body: { name: "c2", admin_password: "p", ...description },
  });
  const nodes = await each("/clusters/{id}/nodes", { id });
  for (const [index, node] of nodes.entries()) {
    const params = { id, node_id: node.id };
    const node_path = "/clusters/{id}/nodes/{node_id}";
    const change = {
      name: `n${index}`,
      host: { id: records[index].id },
      instance_type: "small",
      ip: `192.0.2.3${index}`,
      passthrough_disks: true,
      license: { id: "320000009" },
      serial_number: "320000009",
      is_storage_efficiency_enabled: true,
      cpu_reservation_percentage: 50,
    };
    await call("PATCH", node_path, { params, body: change });
    await call("GET", node_path, { params, query: all });
    for (const network of await each(`${node_path}/networks`, params)) {
      const place = { ...params, network_id: network.id };
      const chosen = { name: "ontap-internal", vlan_id: index ? 10 : "10" };
      await call("PATCH", `${node_path}/networks/{network_id}`, { params: place, body: chosen });
      await call("GET", `${node_path}/networks/{network_id}`, { params: place, query: all });
    }
    for (const [part, body, part_id] of [
      ["pools", { pool_array: [{ name: "datastore1", capacity: 2 ** 30 }] }, "pool_id"],
      ["disks", { disks: [{ name: "naa.500a075100000001" }] }, "disk_id"],
    ]) {
      const template = `${node_path}/storage/${part}`;
      await call("POST", template, { params, body });
      const [record] = await each(template, params);
      await call("DELETE", `${template}/{${part_id}}`, { params: { ...params, [part_id]: record.id } });
      await call("POST", template, { params, body });
    }
  }
  const { response } = await call("POST", "/clusters/{id}/deploy", {
    params: { id },
    query: "?inhibit_rollback=true",
    body: { ontap_credential: { password: "p" } },
  });
  await call("GET", "/jobs/{id}", { params: response.job, query: "?fields=*" });
  await each("/jobs");
  await each("/clusters");
  await call("GET", "/clusters/{id}", { params: { id }, query: all });
  const ontap = { ontap_username: "admin", ontap_password: "p" };
  await call("PUT", "/licensing/licenses/{id}", {
    params: { id: "320000009" },
    body: upload("320000009", ontap),
  });
  const larger = nodes.map((node) => ({ id: node.id, instance_type: "medium" }));
  await call("PATCH", "/clusters/{id}", { params: { id }, body: { admin_password: "p", nodes: larger } });
  const off = { params: { id }, query: "?force=state", body: { availability: "powered_off" } };
  await call("PATCH", "/clusters/{id}", off);
  await call("PATCH", "/clusters/{id}", off);
  await call("DELETE", "/clusters/{id}", { params: { id } });
  await call("DELETE", "/hosts/{id}", { params: records[0] });

  const backup = await call("POST", "/backups", { body: { password: "p" } });
  await each("/backups");
  await call("GET", "/backups/{id}", { params: backup, query: all });
  await call("DELETE", "/backups/{id}", { params: backup });
  for (const [collection, part] of [
    ["/events", "/events/{id}"],
    ["/images", "/images/{id}"],
    ["/mediators", "/mediators/{id}"],
  ]) {
    const [record] = await each(collection);
    await call("GET", part, { params: record, query: all });
  }
  const [mediator] = await each("/mediators");
  const target = { iscsi_target: { name: "iqn.2026" } };
  await call("POST", "/mediators/{id}/{action}", { params: { ...mediator, action: "x" }, body: target });
  await each("/mediators");
  await call("GET", "/deploy", { query: all });
  simulator.close();
  return played;
}

const played = await play();

/** A program with one file that has the requests and responses, each with the type of its call. */
function written() {
  const typeOf = ({ template, method }, part) => `DeployApi["${template}"]["${method}"]["${part}"]`;
  const lines = played.flatMap((one, index) => {
    const sent = one.isJson
      ? `export const b${index}: ${typeOf(one, "body")} = ${JSON.stringify(one.body)};`
      : "";
    return [sent, `export const r${index}: ${typeOf(one, "response")} = ${JSON.stringify(one.response)};`];
  });
  const file = `${here}played.generated.ts`;
  const text = `import type { DeployApi } from "ontap-select-deploy/api";\n${lines.join("\n")}\n`;
  const { config } = ts.readConfigFile(`${here}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, here);
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile, readFile } = host;
  // In memory, in the same folder, so that the package is found.
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? text : readFile(name));
  host.getSourceFile = (name, target) =>
    name === file ? ts.createSourceFile(name, text, target) : getSourceFile.call(host, name, target);
  const program = ts.createProgram([file], options, host);
  return { program, source: program.getSourceFile(file), checker: program.getTypeChecker() };
}

const { program, source, checker } = written();

/** The interfaces of the file's variables, by name. */
function declared() {
  const found = new Map();
  for (const statement of source.statements.filter(ts.isVariableStatement)) {
    const [declaration] = statement.declarationList.declarations;
    found.set(declaration.name.text, {
      type: checker.getTypeFromTypeNode(declaration.type),
      value: declaration.initializer,
    });
  }
  return found;
}

test("the simulator's requests and responses have the described types", () => {
  const host = {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => here,
    getNewLine: () => "\n",
  };
  assert.equal(ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), host), "");
});

test("each described call was made", () => {
  const [first] = source.statements;
  const module = checker.getSymbolAtLocation(first.moduleSpecifier);
  const api = checker.getExportsOfModule(module).find(({ name }) => name === "DeployApi");
  const described = checker
    .getDeclaredTypeOfSymbol(api)
    .getProperties()
    .flatMap((path) =>
      checker
        .getTypeOfSymbol(path)
        .getProperties()
        .map(({ name }) => `${name} ${path.name}`),
    );
  assert.ok(described.length > 40);
  const called = new Set(played.map(({ method, template }) => `${method} ${template}`));
  assert.deepEqual([...called].sort(), described.sort());
});

test("every member of its requests and responses is described, except its own inventions", () => {
  const strange = new Set();
  const visit = (value, types) => {
    const parts = types.flatMap((type) => (type.isUnion() ? type.types : [type]));
    if (ts.isArrayLiteralExpression(value)) {
      const elements = parts.flatMap((type) => checker.getIndexTypeOfType(type, ts.IndexKind.Number) ?? []);
      for (const element of value.elements) visit(element, elements);
    } else if (ts.isObjectLiteralExpression(value)) {
      const objects = parts.filter(
        (type) => type.getProperties().length > 0 && type.flags & ts.TypeFlags.Object,
      );
      for (const member of value.properties) {
        const name = member.name.text;
        const owners = objects.filter((type) => type.getProperty(name));
        const inner = owners.map((type) => checker.getTypeOfSymbol(type.getProperty(name)));
        const isMadeUp = objects.some(({ symbol }) => MADE_UP[symbol.name]?.includes(name));
        if (owners.length > 0) visit(member.initializer, inner);
        else if (!isMadeUp) strange.add(`${objects.map(({ symbol }) => symbol.name).join("|")}.${name}`);
      }
    }
  };
  for (const { type, value } of declared().values()) visit(value, [type]);
  assert.deepEqual([...strange], []);
});

test("every described member of a body was accepted", () => {
  const missing = [];
  const sent = new Map();
  for (const [name, { type, value }] of declared()) {
    if (!name.startsWith("b")) continue;
    const names = sent.get(type) ?? new Set();
    for (const member of value.properties) names.add(member.name.text);
    sent.set(type, names);
  }
  for (const [type, names] of sent)
    for (const { name } of type.getProperties())
      if (!names.has(name)) missing.push(`${type.symbol.name}.${name}`);
  assert.ok(sent.size > 8);
  assert.deepEqual(missing, []);
});
