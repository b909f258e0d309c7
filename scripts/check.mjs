// npm run check: checks formatting, lints, import cycles, types and documentation. Warnings are errors. It runs every
// check before it fails. `npm run check -- --write` first copies the examples' code into the pages that show it.

import { packageDocs, rustDocs } from "./lib/build-docs.mjs";
import { buildEngine } from "./lib/build-engine.mjs";
import { nativeExample } from "./lib/build-native.mjs";
import { buildPackage } from "./lib/build-package.mjs";
import { checkMarkdown } from "./lib/check-markdown.mjs";
import { main } from "./lib/main.mjs";
import { npmDependencies } from "./lib/npm-deps.mjs";
import { root, target } from "./lib/paths.mjs";
import { ask, cargoBar, cargoProgress, Failure, run } from "./lib/run.mjs";
import { requireRust, wasmCargo, wasmToolchain } from "./lib/toolchain.mjs";
import { checkWords } from "./lib/words.mjs";

const WASM_PARTS = [
  {
    name: "the engine",
    args: ["-p", "ontap-select-deploy", "--lib", "--test", "runtime"],
  },
  { name: "the simulator", args: ["-p", "deploy-simulator", "--lib"] },
];

/** @type {string[]} */
const failures = [];

await main(async (args) => {
  await npmDependencies();
  await check("the pages", () => checkMarkdown({ write: args.includes("--write") }));
  await check("the words", checkWords);
  await rustComponents();
  await check("Rust formatting", () => run("cargo fmt", "cargo", ["fmt", "--all", "--check"]));
  await check("formatting of the native example", () =>
    run("cargo fmt, the native example", "cargo", ["fmt", ...nativeExample, "--check"]),
  );
  await check("clippy, native", clippy);
  await check("clippy, the native example", clippyNativeExample);
  await check("import cycles in Rust", moduleCycles);
  for (const part of WASM_PARTS) await check(`clippy, ${part.name} for WebAssembly`, () => clippyWasm(part));
  await check("the crates' documentation", rustDocs);
  // The types of src/js and of the page need the files that the build generates.
  const built = await check("the build", async () => {
    await buildEngine();
    await buildPackage();
  });
  if (built) {
    for (const project of [
      "tsconfig.json",
      "src/cli/tsconfig.json",
      "src/node/tsconfig.json",
      "src/workflows/tsconfig.json",
      "www/tsconfig.json",
      "tests/simulator/host/tsconfig.json",
      "scripts/tsconfig.json",
    ])
      await check(`types of ${project}`, () => types(project));
    await check("the package's documentation", packageDocs);
  }
  await check("formatting and lints of the other files", biome);
  if (failures.length > 0) throw new Failure(`Failed checks: ${failures.join("; ")}`);
  console.log("\nAll checks passed.");
});

/**
 * Runs one check and records its failure, so that the other checks still run.
 * @param {string} name
 * @param {() => Promise<unknown>} work
 */
async function check(name, work) {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    failures.push(name);
    return false;
  }
}

async function rustComponents() {
  await requireRust();
  for (const [component, command] of Object.entries({ clippy: "clippy", rustfmt: "fmt" })) {
    if ((await ask("cargo", [command, "--version"])) !== undefined) continue;
    await run(`Adding Rust's ${component}`, "rustup", ["component", "add", component]);
  }
}

function clippy() {
  const args = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
  return run("cargo clippy, native", "cargo", args, { env: cargoBar, progress: cargoProgress });
}

function clippyNativeExample() {
  const args = ["clippy", ...nativeExample, "--target-dir", `${target}/native`, "--", "-D", "warnings"];
  return run("cargo clippy, the native example", "cargo", args, { env: cargoBar, progress: cargoProgress });
}

function moduleCycles() {
  const args = ["run", "-p", "module-cycles", "--", "src/lib.rs"];
  return run("module-cycles", "cargo", args, { env: cargoBar, progress: cargoProgress });
}

/**
 * Debian's compiler has no matching clippy, so this denies the compiler's own warnings instead.
 * @param {{ name: string, args: string[] }} part
 */
async function clippyWasm({ name, args }) {
  const { name: toolchain } = await wasmToolchain();
  if (toolchain === "rustup") {
    return wasmCargo(`cargo clippy, ${name} for WebAssembly`, "clippy", [...args, "--", "-D", "warnings"]);
  }
  const deny = ["-Zwarnings", "--config", 'build.warnings="deny"'];
  return wasmCargo(`cargo check, ${name} for WebAssembly`, "check", [...args, ...deny]);
}

/** @param {string} project its tsconfig.json */
function types(project) {
  const tsc = `${root}/node_modules/typescript/bin/tsc`;
  return run(`tsc, ${project}`, process.execPath, [tsc, "--noEmit", "-p", `${root}/${project}`]);
}

function biome() {
  return run("biome ci", `${root}/node_modules/.bin/biome`, [
    "ci",
    ".",
    `--colors=${process.stdout.isTTY ? "force" : "off"}`,
  ]);
}
