import { createFaults } from "./faults.mjs";
import { listen } from "./listen.mjs";
import { serveDocs } from "./serve-docs.mjs";
import { serveSwitches } from "./switches.mjs";

/**
 * @import { Docs } from "./serve-docs.mjs"
 * @import { Config, ListenOptions, Listening, Simulator } from "./types.d.ts"
 */

/**
 * As `listen`, and below /simulator/faults a page finds switches for faults. For `npm start` and for the
 * tests of the console page; the package has no such thing.
 *
 * @param {Simulator} simulator
 * @param {Config} config what the simulator was made of
 * @param {ListenOptions} [options]
 * @param {Docs} [docs] the documentation, if it is served as well
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
