// Adds a host. Shows one live line on a terminal, and a plain line for each change elsewhere.
// Ctrl-C ends the wait, not the job.
//
//   export DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… VCENTER=vcenter.example.com
//   node progress.mjs esx-1.example.com

import { DeployClient, DeployError } from "ontap-select-deploy";

const { DEPLOY_URL = "", DEPLOY_PASSWORD = "" } = process.env;
const deploy = new DeployClient({
  baseUrl: DEPLOY_URL,
  auth: { username: "admin", password: DEPLOY_PASSWORD },
});
const controller = new AbortController();
process.once("SIGINT", () => controller.abort());

const host = { name: process.argv[2], hypervisor_type: "ESX", management_server: process.env.VCENTER };
const { show, end } = progress(process.stderr);
try {
  const handle = await deploy.submit("POST", "/hosts", { body: { hosts: [host] } });
  await handle.result({ signal: controller.signal, onProgress: show }).catch((error) => {
    if (controller.signal.aborted) throw new Error(`No longer watched; job ${handle.id} keeps running`);
    throw error;
  });
  end("done");
} catch (error) {
  end(error instanceof DeployError ? `${error.code}: ${error.message}` : error.message);
  process.exitCode = 1;
} finally {
  deploy.close();
}

function progress(stream) {
  const began = performance.now();
  let text = "";
  const draw = () => {
    const seconds = Math.round((performance.now() - began) / 1_000);
    stream.write(`\r\x1b[2K${`${seconds} s  ${text}`.slice(0, (stream.columns || 80) - 1)}`);
  };
  // Removes control characters from the server's message, because they could control the terminal.
  const plain = (words) => words.replaceAll(/\p{Cc}/gu, " ");
  const clock = stream.isTTY ? setInterval(draw, 1_000) : undefined;
  return {
    show({ state, message = "" }) {
      text = plain(`${state}: ${message}`);
      if (stream.isTTY) draw();
      else stream.write(`${text}\n`);
    },
    end(outcome) {
      clearInterval(clock);
      stream.write(`${stream.isTTY ? "\r\x1b[2K" : ""}${plain(outcome)}\n`);
    },
  };
}
