// The front end in Rust that stands in examples/rust, as a folder to be served.

import { copyFile } from "node:fs/promises";
import { root, rustPageDir } from "./paths.mjs";
import { must } from "./run.mjs";
import { step } from "./stamp.mjs";
import { wasmCargo, wasmToolchain } from "./toolchain.mjs";
import { wasmBindgen } from "./wasm-bindgen.mjs";

const source = `${root}/examples/rust`;

/** What cargo needs to find it: it is a workspace of its own, with a lock file of its own. */
export const rustPage = ["--manifest-path", `${source}/Cargo.toml`, "--locked"];

/** Builds the page into target/rust-page. */
export async function buildRustPage() {
  await wasmCargo("Compiling the front end in Rust", "build", ["--release", ...rustPage]);
  const compiled = `${(await wasmToolchain()).out}/release/deploy_page.wasm`;
  const bindgen = await wasmBindgen();
  const page = `${source}/index.html`;
  await step(
    "Generating the front end's bindings",
    { name: "rust-page", inputs: [compiled, page], outputs: [rustPageDir] },
    async () => {
      await must(bindgen, ["--target", "web", "--no-typescript", "--out-dir", rustPageDir, compiled]);
      await copyFile(page, `${rustPageDir}/index.html`);
    },
  );
}
