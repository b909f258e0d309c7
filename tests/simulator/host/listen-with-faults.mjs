import { createFaults } from "./faults.mjs";
import { listen } from "./listen.mjs";
import { serveDocs } from "./serve-docs.mjs";
import { serveSwitches } from "./switches.mjs";

/**
 * @import { Docs } from "./serve-docs.mjs"
 * @import { Config, ListenOptions, Listening, Simulator } from "./types.d.ts"
 */

/**
 * Like `listen`, with switches for faults at /simulator/faults. For `npm start` and the tests of the console page; it is
 * not part of the package.
 *
 * @param {Simulator} simulator
 * @param {Config} config the simulator's configuration
 * @param {ListenOptions} [options]
 * @param {Docs} [docs] the documentation, if the server also has it
 * @returns {Promise<Listening>}
 */
export function listenWithFaults(simulator, config, options, docs) {
  const faults = createFaults(simulator, config);
  return listen(simulator, options, {
    line: faults.line,
    mount: (site) => {
      serveSwitches(site, faults, docs?.path);
      if (docs) serveDocs(site, docs);
    },
  });
}
