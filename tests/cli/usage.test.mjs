// Wrong usage is refused before any request. The message names the option and shows no secret.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { commandFor, file } from "./command.mjs";

const SECRET = "hunter2pw";

const wrong = {
  "no arguments": [[], /expected a command, such as: get \/clusters/],
  "an unknown method": [["gte", "/x"], /unknown command: expected get, post, put, patch, delete, wait, /],
  "no path": [["get"], /get: expected a path/],
  "two paths": [["get", "/x", "/y"], /get: expected one path/],
  "a path with ..": [["get", "/../x"], /path: /],
  "an unknown option": [
    ["get", "/x", "--frob"],
    /: unknown option '--frob'\nHelp: ontap-select-deploy help get\n/,
  ],
  "a misspelled option": [
    ["cluster", "create", "plan.json", "--dryrun"],
    /: unknown option '--dryrun'; did you mean --dry-run\?\nHelp: ontap-select-deploy help cluster create\n/,
  ],
  "an option without its value": [["get", "/x", "--base"], /'--base <value>' argument missing/],
  "a body for a GET": [["get", "/x", "--data", "{}"], /--data: a GET has no body/],
  "a body for a wait": [["wait", "j", "--data", "{}"], /--data: wait sends no body/],
  "a body that is not JSON": [["post", "/x", "--data", `{"p": ${SECRET}`], /--data: expected a JSON object/],
  "a body that is not an object": [["post", "/x", "--data", "7"], /--data: expected a JSON object/],
  "a body in a missing file": [["post", "/x", "--data", "@/nowhere"], /--data: \/nowhere: no such file/],
  "no job": [["wait"], /wait: expected a job's id or a token/],
  "two jobs": [["wait", "a", "b"], /wait: expected one job/],
  "an invalid job id": [["wait", ".."], /id: /],
  "a corrupted token": [["wait", "osd1:a:b:c:d:e"], /token: corrupted; copy all of it/],
  "a duration without a unit": [["get", "/x", "--timeout", "90"], /--timeout: expected a duration/],
  "a duration of zero": [["get", "/x", "--timeout", "0s"], /--timeout: expected a duration/],
  "a request timeout without a unit": [
    ["get", "/x", "--request-timeout", "90"],
    /--request-timeout: expected a duration/,
  ],
  "a limit that is not a number of bytes": [
    ["get", "/x", "--max-response-bytes", "10MB"],
    /--max-response-bytes: expected a whole number of bytes, from 1 to 4294967295/,
  ],
  "a limit of zero bytes": [["get", "/x", "--max-response-bytes", "0"], /--max-response-bytes: expected/],
  "a limit that is too large": [
    ["get", "/x", "--max-response-bytes", "4294967296"],
    /--max-response-bytes: expected/,
  ],
  "a base that is not a URL": [["get", "/x", "--base", "deploy"], /--base: expected a URL/],
  "a base with a password": [
    ["get", "/x", "--base", `https://a:${SECRET}@x/`],
    /--base: .*without a user name/,
  ],
  "plain http to another machine": [
    ["get", "/x", "--base", "http://192.0.2.1/"],
    /--base: plain http sends the password unencrypted; use https\n/,
  ],
  "no option that allows plain http": [
    ["get", "/x", "--base", "http://192.0.2.1/", "--insecure-http"],
    /unknown option '--insecure-http'\n/,
  ],
  "an option of another command": [
    ["wait", "j", "--param", "a=b"],
    /--param: not an option of wait; only of get, post, put, patch/,
  ],
  "a param without a value": [["get", "/x/{id}", "--param", "id"], /--param: expected name=value/],
  "a param with an empty value": [["get", "/x/{id}", "--param", "id="], /--param: id: expected a value/],
  "a repeated param": [["get", "/{id}", "--param", "id=1", "--param", "id=2"], /--param: id appears twice/],
  "a param that is not in the path": [
    ["get", "/x", "--param", `id=${SECRET}`],
    /--param: id: expected \{id\} in the path/,
  ],
  "a placeholder without a param": [
    ["get", "/x/{id}"],
    /the path contains \{id\}, which has no value; pass --param id=VALUE/,
  ],
  "a form part without a value": [["post", "/x", "--form", SECRET], /--form: expected name=value/],
  "a form part from a missing file": [
    ["post", "/x", "--form", "a=@/nowhere"],
    /--form: \/nowhere: no such file/,
  ],
  "a form part that is a folder": [
    ["post", "/x", "--form", "a=@/tmp"],
    /--form: \/tmp is not a regular file/,
  ],
  "a form string from a missing file": [
    ["post", "/x", "--form", "a=</nowhere"],
    /--form: a: \/nowhere: no such file/,
  ],
  "a secret in a form part": [
    ["put", "/x", "--form", `ontap_password=${SECRET}`],
    /--form: ontap_password looks like a secret.*'ontap_password=<FILE'/,
  ],
  "a form and a body": [
    ["post", "/x", "--form", "a=b", "--data", "{}"],
    /--form: cannot be combined with --data/,
  ],
  "a form for a GET": [["get", "/x", "--form", "a=b"], /--form: a GET has no body/],
  "a form with a content type": [
    ["post", "/x", "--form", "a=b", "--header", "Content-Type: multipart/form-data"],
    /--header: --form sets the content-type itself/,
  ],
  "list without a path": [["list"], /list: expected a path/],
  "an invalid filter": [["list", "/x", "name"], /list: expected name=value/],
  "a filter without a value": [
    ["ensure", "/x", "name=", "--data", "{}"],
    /ensure: name: expected a value after/,
  ],
  "a repeated filter": [["find", "/x", "a=1", "a=2"], /find: a appears twice/],
  "find without a filter": [["find", "/x"], /find: expected name=value after the path/],
  "ensure without a filter": [["ensure", "/x", "--data", "{}"], /ensure: expected name=value after the path/],
  "ensure without a body": [["ensure", "/x", "a=1"], /ensure: expected --data or --form/],
  "empty fields": [["list", "/x", "--fields", ""], /--fields: expected member names/],
  "until without a condition": [["until", "/x"], /until: expected a condition/],
  "an invalid condition": [["until", "/x", "state"], /until: state: expected a condition such as/],
  "a condition without a member": [["until", "/x", "!=a"], /until: !=a: expected a condition/],
  "a condition with an incomplete member": [
    ["until", "/x", "a..b=c"],
    /until: a\.\.b=c: expected a condition/,
  ],
  "--lines for one record": [
    ["find", "/x", "a=1", "--lines"],
    /--lines: not an option of find; only of list\n/,
  ],
  "--output for a post": [
    ["post", "/x", "--output", "f"],
    /--output: not an option of post; only of get, backup or certificate\n/,
  ],
  "completion without a shell": [["completion"], /completion: expected bash, zsh or fish/],
  "an unknown shell": [["completion", "tcsh"], /completion: expected bash, zsh or fish/],
  "help for an unknown command": [["help", "gte"], /help: expected get, post, /],
  "an invalid header": [["get", "/x", "--header", SECRET], /--header: expected 'name: value'/],
  "a secret in a header": [
    ["get", "/x", "--header", `Authorization: ${SECRET}`],
    /--header: Authorization looks like a credential/,
  ],
  "an API key in a header": [
    ["get", "/x", "--header", `X-Api-Key: ${SECRET}`],
    /--header: X-Api-Key looks like a credential/,
  ],
  "a CA without TLS": [
    ["get", "/x", "--ca", "/nowhere"],
    /--ca: needs https; DEPLOY_URL does not start with/,
  ],
  "a fingerprint without TLS": [
    ["get", "/x", "--fingerprint", "ab"],
    /--fingerprint: needs https; DEPLOY_URL does not start with/,
  ],
  "an invalid fingerprint": [
    ["get", "/x", "--base", "https://x/", "--fingerprint", "abc"],
    /--fingerprint: expected a SHA-256 fingerprint/,
  ],
  "a missing CA file": [
    ["get", "/x", "--base", "https://x/", "--ca", "/nowhere"],
    /--ca: \/nowhere: no such file/,
  ],
  "a CA file without certificates": [
    ["get", "/x", "--base", "https://x/", "--ca", "/etc/hostname"],
    /--ca: \/etc\/hostname: expected certificates in PEM form/,
  ],
};
for (const option of ["--password", "--username", "--user", "--bearer", "--token", "-u"]) {
  wrong[`${option} as an argument`] = [
    ["get", "/x", option, SECRET],
    /credentials are not accepted as arguments/,
  ];
  wrong[`${option}= as an argument`] = [
    ["get", "/x", `${option}=${SECRET}`],
    /credentials are not accepted as arguments/,
  ];
}

for (const [what, [args, said]] of Object.entries(wrong)) {
  test(`2: ${what}`, async (t) => {
    const { osd, simulator } = await commandFor(t);
    const { code, out, err } = await osd(args);
    assert.equal(code, 2, err);
    assert.equal(out, "");
    assert.match(err, said);
    assert.ok(!err.includes(SECRET), err);
    assert.equal(simulator.log().length, 0, "nothing was sent");
  });
}

test("2: no URL, no credential, or two credentials", async (t) => {
  const { osd } = await commandFor(t);
  const without = async (env) => (await osd(["get", "/x"], { env })).err;
  assert.match(await without({ DEPLOY_URL: "" }), /set DEPLOY_URL or pass --base URL/);
  assert.match(await without({ DEPLOY_URL: "x" }), /DEPLOY_URL: expected a URL/);
  assert.match(
    await without({ DEPLOY_PASSWORD: "" }),
    /no credentials: set DEPLOY_PASSWORD or DEPLOY_BEARER/,
  );
  assert.match(await without({ DEPLOY_BEARER: SECRET }), /both set/);
});

const files = {
  "no JSON": [SECRET, /--credentials: expected \{"username"/],
  "no object": [[], /--credentials: expected \{"username"/],
  "an incomplete credential": [{ username: "a" }, /--credentials: expected \{"username"/],
  "two credentials": [
    { username: "a", password: SECRET, bearer: SECRET },
    /--credentials: expected \{"username"/,
  ],
  "an unknown member": [{ bearer: SECRET, user: "a" }, /unknown member "user"/],
  "invalid headers": [
    { bearer: SECRET, headers: { a: 1 } },
    /"headers" in .*: expected an object of strings/,
  ],
};
for (const [what, [content, said]] of Object.entries(files)) {
  test(`2: a credentials file with ${what}`, async (t) => {
    const { osd } = await commandFor(t);
    const { code, err } = await osd(["get", "/x", "--credentials", await file(t, "c.json", content)]);
    assert.equal(code, 2);
    assert.match(err, said);
    assert.ok(!err.includes(SECRET), err);
  });
}

test("2: a credentials file that others can read", async (t) => {
  const { osd } = await commandFor(t);
  for (const mode of [0o640, 0o604]) {
    const path = await file(t, "c.json", { bearer: SECRET }, mode);
    const { code, err } = await osd(["get", "/x", "--credentials", path]);
    assert.equal(code, 2);
    assert.match(err, /--credentials: other users can read or write .*\. To fix this, run: chmod 600 /);
  }
});

test("a bearer token, from the environment and from a file", async (t) => {
  const { osd } = await commandFor(t, { bearer: "t0ken" });
  assert.equal(
    (await osd(["get", "/hosts"], { env: { DEPLOY_PASSWORD: "", DEPLOY_BEARER: "t0ken" } })).code,
    0,
  );
  const path = await file(t, "c.json", { bearer: "t0ken" });
  assert.equal((await osd(["get", "/hosts", "--credentials", path])).code, 0);
});

test("no output shows a secret", async (t) => {
  const basic = Buffer.from(`admin:${SECRET}`).toString("base64");
  const env = { DEPLOY_PASSWORD: SECRET };
  for (const action of [
    { kind: "status", status: 401 },
    { kind: "status", status: 500, body: SECRET },
    { kind: "html" },
    { kind: "redirect", location: `https://elsewhere.example/${SECRET}` },
    { kind: "reset" },
    { kind: "truncate", after: 3 },
  ]) {
    const { osd } = await commandFor(t, { password: SECRET, rules: [{ action }] });
    const body = JSON.stringify({ name: "x", password: SECRET });
    const { code, out, err } = await osd(["post", `/hosts?in=${SECRET}`, "--data", body], { env });
    assert.ok(code === 3 || code === 4, `${code}: ${err}`);
    for (const secret of [SECRET, basic])
      assert.ok(!`${out}${err}`.includes(secret), `${action.kind}: ${err}`);
  }
});

test("--help and --version print to standard output", async (t) => {
  const { osd } = await commandFor(t);
  const { code, out } = await osd(["--help"], { env: { DEPLOY_URL: "", DEPLOY_PASSWORD: "" } });
  assert.equal(code, 0);
  for (const text of ["--base", "--credentials", "DEPLOY_PASSWORD", "wait <job-id|token>", "Exit codes"])
    assert.ok(out.includes(text), text);
  assert.ok(Math.max(...out.split("\n").map((line) => line.length)) <= 90, "no line is too long");
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  assert.equal((await osd(["--version"])).out, `${version}\n`);
});
