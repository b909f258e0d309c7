// A simulated Deploy on a real socket, for one test.

import { DeployClient } from "ontap-select-deploy";
import { listen } from "../simulator/host/listen.mjs";
import { createSimulator } from "../simulator/host/machine.mjs";

export const credential = { username: "admin", password: "Netapp1!" };

export const clientOf = (baseUrl, options) => new DeployClient({ baseUrl, auth: credential, ...options });

/** Ends with the test `t`. By default, job steps take 20 ms; `options` are those of `listen`. */
export async function deployFor(t, config = {}, options = {}) {
  const simulator = createSimulator({ stepMs: 20, ...config });
  const server = await listen(simulator, options);
  t.after(async () => {
    await server.close();
    simulator.close();
  });
  const baseUrl = `${server.url}/api`;
  return {
    baseUrl,
    simulator,
    client: (options) => clientOf(baseUrl, options),
  };
}
