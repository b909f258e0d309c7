// The JSON Schema of a plan and `checkPlan` find the same mistakes, and no page loads a validator.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { isIPv4, isIPv6 } from "node:net";
import { test } from "node:test";
import { Ajv } from "ajv";
import { checkPlan } from "ontap-select-deploy/workflows";

const ROOT = new URL("../../", import.meta.url);
const read = async (file) => JSON.parse(await readFile(new URL(file, ROOT), "utf8"));
const schema = JSON.parse(
  await readFile(new URL(import.meta.resolve("ontap-select-deploy/plan.schema.json")), "utf8"),
);

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, strictTypes: false, strictRequired: false });
ajv.addFormat("ipv4", isIPv4);
// This format has no zone.
ajv.addFormat("ipv6", (text) => isIPv6(text) && !text.includes("%"));
const validate = ajv.compile(schema);

const sample = await read("examples/cluster.json");
sample.vcenter.password = "v-secret";
sample.cluster.ontap_admin_password = "c-secret";

/** Valid plans that use every member in every form. */
const valid = {
  "the sample": sample,
  "hosts without a vCenter, with every member": {
    $schema: "./plan.schema.json",
    vcenter: null,
    hosts: [
      { name: "kvm-1", type: "KVM", username: "root", password: "h-secret", rack: 7 },
      { name: "kvm-2", type: "KVM", user: "root", password: "h-secret", mgmt_server: null },
    ],
    cluster: {
      ...sample.cluster,
      ip: "2001:db8::20",
      gateway: "2001:db8::1",
      dns_info: null,
      ntp_servers: null,
      mtu: 9000,
      color: "blue",
    },
    nodes: ["kvm-1", "kvm-2"].map((host_name, index) => ({
      name: `node-${index}`,
      host_name,
      ip: `2001:db8::2${index + 1}`,
      instance_type: "xlarge",
      license: null,
      serial_number: 320000001 + index,
      is_storage_efficiency_enabled: true,
      networks: [
        { purpose: "mgmt", vlan: "10" },
        { purpose: "data", name: "br-0", vlan: "" },
        { purpose: "internal", name: "br-1" },
      ],
      storage: { pools: [{ name: "pool", capacity: "4.8 TB" }], disks: null },
    })),
  },
  "one node with software RAID": {
    hosts: [{ name: "esx-1", type: "ESX" }],
    cluster: { ...sample.cluster, name: "a_b.c-9", dns_info: { domains: null }, ontap_image_version: "" },
    nodes: [
      {
        host_name: "esx-1",
        ip: "192.0.2.21",
        instance_type: "medium",
        networks: [
          { purpose: "data", name: "n", vlan: 4094 },
          { purpose: "mgmt", name: "m", vlan: 0 },
        ],
        storage: { pools: [{ name: "pool", capacity: null }, { name: "other" }], disk: [{ name: "d" }] },
      },
    ],
  },
};
for (const plan of Object.values(valid)) plan.cluster.ontap_admin_password = "c-secret";

const WRONG = [
  ...[undefined, null, "", " ", "x", "0", "007", "4095", "4 TiB", "0 TB", "1.5 B", "-1 GB", "1e3"],
  ...[0, 1, -1, 1.5, 4094, 4095, 7499, 7500, 9001, 2 ** 53, true, false, [], {}, [null], [""], ["x"], [{}]],
  ...["ESX", "KVM", "small", "mgmt", "internal", "192.0.2.9", "192.0.2.256", "01.2.3.4", "::", "1::2::3"],
  ...["2001:db8::9", "fe80::1%eth0", "::ffff:192.0.2.1", "255.255.255.0", "255.0.255.0", "0.0.0.0"],
  ...["255.255.255.255", "a b", "x".repeat(45), { name: "x" }, { password: 1 }],
];

/** The mistakes about two members together, which a schema cannot find. */
const TOGETHER =
  /^is also the address of|^is a duplicate$|^is not one of the hosts|^(is a second|has no) \w+ network$|more than one node$|^differs from/;

/** The places of the mistakes about a single member. */
function checked(plan) {
  const places = checkPlan(plan)
    .filter(({ problem }) => !TOGETHER.test(problem))
    // The command reads passwords from the environment.
    .filter(({ place, problem }) => !(place.endsWith("password") && problem === "is missing"))
    .filter(({ place, problem }) => problem !== "is missing" || !isByVlan(plan, place));
  const found = places.map(({ place }) => place).sort();
  assert.deepEqual([...new Set(found)], found, "each mistake once");
  return found;
}

/** Whether a network has a VLAN, which can replace the name on a KVM host. */
function isByVlan(plan, place) {
  const [, node, network] = /^nodes\[(\d+)\]\.networks\[(\d+)\]\.name$/.exec(place) ?? [];
  if (network === undefined) return false;
  const { name, vlan } = plan.nodes[node].networks[network];
  if (name !== undefined && name !== null) return false;
  const number = typeof vlan === "string" && /^\d+$/.test(vlan) ? Number(vlan) : vlan;
  return Number.isInteger(number) && number >= 0 && number <= 4094;
}

function ofShape(plan) {
  if (validate(plan)) return [];
  const choices = validate.errors.filter(({ keyword }) => keyword === "anyOf");
  const places = validate.errors
    .filter(({ keyword }) => keyword !== "if")
    .filter(({ schemaPath }) => !choices.some((choice) => schemaPath.startsWith(`${choice.schemaPath}/`)))
    .map(({ instancePath, params }) => {
      const names = [...instancePath.split("/").slice(1), ...[params.missingProperty ?? []].flat()];
      const place = names.map((name) => (/^\d+$/.test(name) ? `[${name}]` : `.${name}`)).join("");
      return place.slice(1) || "plan";
    });
  return [...new Set(places)].sort();
}

/** The path of every member and list entry of a plan, without `$schema`, which is only for editors. */
function waysIn(value, way = []) {
  if (typeof value !== "object" || value === null) return [way];
  const names = Object.keys(value).filter((name) => name !== "$schema");
  return [way, ...names.flatMap((name) => waysIn(value[name], [...way, name]))];
}

function changed(plan, way, value) {
  if (way.length === 0) return value;
  const copy = structuredClone(plan);
  const owner = way.slice(0, -1).reduce((owner, name) => owner?.[name], copy);
  if (typeof owner !== "object" || owner === null) return copy;
  const name = way.at(-1);
  if (value !== undefined) owner[name] = structuredClone(value);
  else if (Array.isArray(owner)) owner.splice(Number(name), 1);
  else delete owner[name];
  return copy;
}

const isPassword = (way) => way.some((name) => name.endsWith("password"));

for (const [what, plan] of Object.entries(valid)) {
  test(`${what}: no mistake`, () => {
    assert.deepEqual(checkPlan(plan), []);
    assert.equal(validate(plan), true, JSON.stringify(validate.errors));
  });

  test(`${what}: both find the same mistakes after each change of one member`, () => {
    let mistakes = 0;
    for (const way of waysIn(plan)) {
      for (const value of WRONG) {
        // Only the command accepts an object there.
        if (isPassword(way) && typeof value === "object") continue;
        const wrong = changed(plan, way, value);
        assert.deepEqual(ofShape(wrong), checked(wrong), `${way.join(".")}: ${JSON.stringify(value)}`);
        mistakes += checked(wrong).length;
      }
    }
    assert.ok(mistakes > 500, `${mistakes}`);
  });

  test(`${what}: both find the same mistakes after several changes`, () => {
    const draw = dice(7);
    for (let round = 0; round < 5_000; round += 1) {
      let wrong = plan;
      const changes = [];
      for (let count = 2 + draw(3); count > 0; count -= 1) {
        const ways = waysIn(wrong);
        const way = ways[1 + draw(ways.length - 1)];
        const value = WRONG[draw(WRONG.length)];
        if (way === undefined || (isPassword(way) && typeof value === "object")) continue;
        changes.push(`${way.join(".")}: ${JSON.stringify(value)}`);
        wrong = changed(wrong, way, value);
      }
      assert.deepEqual(ofShape(wrong), checked(wrong), changes.join("; "));
    }
  });
}

/** Random whole numbers from 0 to below the limit. */
function dice(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

test("the schema allows variables and files as passwords", () => {
  const withPassword = (password) => ({ ...sample, vcenter: { ...sample.vcenter, password } });
  for (const password of [{ env: "VC" }, { file: "a/b" }, "x", null, undefined])
    assert.ok(validate(withPassword(password)), JSON.stringify(password));
  for (const password of [{}, { env: 1 }, { env: "" }, { env: "a", file: "b" }, { other: "a" }, [], 7]) {
    assert.deepEqual(ofShape(withPassword(password)), ["vcenter.password"], JSON.stringify(password));
    assert.equal(checkPlan(withPassword(password))[0].place, "vcenter.password");
  }
});

test("the schema describes each member", () => {
  const unexplained = (at, shape) => [
    ...Object.entries(shape.properties ?? {}).flatMap(([name, member]) => {
      const isExplained =
        member.description ?? schema.definitions[member.$ref?.split("/").at(-1)]?.description;
      return [...(isExplained ? [] : [`${at}.${name}`]), ...unexplained(`${at}.${name}`, member)];
    }),
    ...(shape.items ? unexplained(`${at}[]`, shape.items) : []),
  ];
  const all = { plan: schema, ...schema.definitions };
  assert.deepEqual(
    Object.entries(all).flatMap(([name, shape]) => unexplained(name, shape)),
    [],
  );
});

test("only the command contains a validator", async () => {
  const dist = new URL("dist/", ROOT);
  const files = (await readdir(dist, { recursive: true })).filter((name) => name.endsWith(".js"));
  const withOne = [];
  for (const name of files) {
    if (/instancePath|schemaPath/.test(await readFile(new URL(name, dist), "utf8"))) withOne.push(name);
  }
  assert.deepEqual(withOne, ["cli.js"]);
});
