// Finds a Rust toolchain that can build for WebAssembly.
//
// First choice: the current toolchain, with the target from rustup. If that cannot be downloaded: Debian's newer
// compiler, which builds the standard library from source. WASM_TOOLCHAIN=rustup or WASM_TOOLCHAIN=debian selects one.

import { mkdir, readFile, realpath, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { allExist, debianPackages } from "./apt.mjs";
import { target } from "./paths.mjs";
import { ask, cargoBar, cargoProgress, Failure, must, run } from "./run.mjs";

const TRIPLE = "wasm32-unknown-unknown";
const DEBIAN_PACKAGES = ["rustc-web", "cargo-web", "rust-web-src"];
const DEBIAN_RUSTC = "/usr/bin/rustc";
const DEBIAN_CARGO = "/usr/bin/cargo";
const DEBIAN_FILES = [DEBIAN_RUSTC, DEBIAN_CARGO, "/usr/lib/rustlib/src/rust/library/Cargo.lock"];
const DOWNLOAD_LIMIT_MS = 180_000;

/**
 * @typedef {object} Toolchain
 * @property {"rustup" | "debian"} name
 * @property {string} cargo The cargo program.
 * @property {NodeJS.ProcessEnv} env Its environment.
 * @property {string[]} args Its arguments after the subcommand, with the target and its folder.
 * @property {string} out The output folder for the target.
 */

/** @type {Promise<Toolchain> | undefined} */
let found;

/**
 * The toolchain for WebAssembly. Installs it if necessary.
 * @returns {Promise<Toolchain>}
 */
export function wasmToolchain() {
  found ??= choose();
  return found;
}

/**
 * Runs cargo for WebAssembly, quietly.
 * @param {string} title
 * @param {string} subcommand
 * @param {string[]} args
 */
export async function wasmCargo(title, subcommand, args) {
  const { cargo, env, args: common } = await wasmToolchain();
  const options = { env: { ...env, ...cargoBar }, progress: cargoProgress };
  return run(title, cargo, [subcommand, ...common, ...args], options);
}

/** Fails with installation instructions if Rust is missing. */
export async function requireRust() {
  if ((await ask("cargo", ["--version"])) === undefined) {
    throw new Failure("cargo was not found. Install stable Rust with rustup, see https://rustup.rs");
  }
}

async function choose() {
  await requireRust();
  const wish = process.env.WASM_TOOLCHAIN;
  if (wish !== undefined && wish !== "rustup" && wish !== "debian") {
    throw new Failure(`WASM_TOOLCHAIN is "${wish}"; expected "rustup" or "debian".`);
  }
  if (wish !== "debian") {
    if ((await standardLibraryIsThere()) || (!(await remembersRefusal(wish)) && (await addTarget()))) {
      return rustup();
    }
    if (wish === "rustup") throw new Failure(advice("WASM_TOOLCHAIN=rustup rules out Debian's compiler."));
  }
  try {
    await debianPackages(`building for ${TRIPLE}`, DEBIAN_PACKAGES, DEBIAN_FILES);
    return await debian();
  } catch (error) {
    throw error instanceof Failure ? new Failure(advice(error.message)) : error;
  }
}

function rustup() {
  return plan("rustup", "cargo", {}, [], `${target}/wasm`);
}

async function debian() {
  const env = {
    RUSTC: DEBIAN_RUSTC,
    // Allows the unstable option that builds the standard library from source.
    RUSTC_BOOTSTRAP: "1",
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: await linker(),
  };
  // Each compiler gets its own folder, because they would discard each other's results.
  return plan("debian", DEBIAN_CARGO, env, ["-Zbuild-std=std,panic_abort"], `${target}/wasm-debian`);
}

/**
 * @param {"rustup" | "debian"} name
 * @param {string} cargo
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} args
 * @param {string} folder
 * @returns {Promise<Toolchain>}
 */
async function plan(name, cargo, env, args, folder) {
  const common = ["--target", TRIPLE, "--target-dir", folder, ...args];
  const flags = { CARGO_ENCODED_RUSTFLAGS: await remappedPaths(cargo, env) };
  return { name, cargo, env: { ...env, ...flags }, args: common, out: `${folder}/${TRIPLE}` };
}

/**
 * A panic message contains a source path. This removes the paths of this machine from it.
 * @param {string} cargo
 * @param {NodeJS.ProcessEnv} env
 */
async function remappedPaths(cargo, env) {
  const options = ["--format-version", "1", "--locked", "--filter-platform", TRIPLE];
  /** @type {{ packages: { source: string | null, manifest_path: string }[] }} */
  const { packages } = JSON.parse(await must(cargo, ["metadata", "--quiet", ...options], { env }));
  const libraries = packages.filter(({ source }) => source !== null);
  const folders = new Set(libraries.map(({ manifest_path }) => dirname(dirname(manifest_path))));
  const flags = [...folders].sort().map((folder) => `--remap-path-prefix=${folder}=crates`);

  const sysroot = await ask(env.RUSTC ?? "rustc", ["--print", "sysroot"]);
  const standard = `${sysroot}/lib/rustlib/src/rust`;
  for (const folder of new Set([standard, await realpath(standard).catch(() => standard)])) {
    flags.push(`--remap-path-prefix=${folder}=rust`);
  }
  return flags.join("\x1f");
}

async function standardLibraryIsThere() {
  const library = await ask("rustc", ["--print", "target-libdir", "--target", TRIPLE]);
  return library !== undefined && (await allExist([library]));
}

async function addTarget() {
  if ((await ask("rustup", ["--version"])) === undefined) return false;
  try {
    const options = { timeout: DOWNLOAD_LIMIT_MS };
    await run(`Adding Rust's target ${TRIPLE}`, "rustup", ["target", "add", TRIPLE], options);
    return await standardLibraryIsThere();
  } catch {
    console.log(`rustup could not add ${TRIPLE}. Using Debian's compiler instead.`);
    await rememberRefusal();
    return false;
  }
}

// Remembers the failure, so that the next run with the same toolchain does not try again.
const memory = `${target}/wasm-target-refused`;

/** @param {string | undefined} wish */
async function remembersRefusal(wish) {
  if (wish === "rustup" || !(await allExist(DEBIAN_FILES))) return false;
  return (await readFile(memory, "utf8").catch(() => "")) === (await ask("rustc", ["-vV"]));
}

async function rememberRefusal() {
  await mkdir(target, { recursive: true });
  await writeFile(memory, (await ask("rustc", ["-vV"])) ?? "");
}

// rustup installs a linker for WebAssembly even without the target. Debian has one in a package.
async function linker() {
  const sysroot = await ask("rustc", ["--print", "sysroot"]);
  const host = /^host: (.+)$/m.exec((await ask("rustc", ["-vV"])) ?? "")?.[1];
  const own = `${sysroot}/lib/rustlib/${host}/bin/rust-lld`;
  if (await allExist([own])) return own;
  const debians = "/usr/bin/wasm-ld";
  await debianPackages(`linking for ${TRIPLE}`, ["lld"], [debians]);
  return debians;
}

/** @param {string} reason */
function advice(reason) {
  return [
    `No Rust toolchain for ${TRIPLE} was found or could be installed. ${reason}`,
    "",
    "Run one of these, then run the same command again:",
    `  rustup target add ${TRIPLE}`,
    `  apt-get update && apt-get install -y --no-install-recommends ${DEBIAN_PACKAGES.join(" ")}   (as root, on Debian)`,
  ].join("\n");
}
