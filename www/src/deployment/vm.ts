// Carries a plan's calls out, so that each of their jobs is on the timeline.

import type { DeployClient, JobHandle } from "ontap-select-deploy";
import type { Action } from "../watch.js";
import { type Call, stepOf } from "./step.js";
import type { Vm } from "./workflow.js";

/** Starts an action on the timeline. */
export type Start = (action: Action) => void;

/**
 * `cluster` is the name of the one that the calls are about. `onStep` is called before each call, with what it
 * does. A call is on the timeline from its beginning, except those that describe a node, which are many and
 * done at once: of these only one that becomes a job.
 */
export function timelineVm(
  client: DeployClient,
  start: Start,
  cluster: string,
  onStep: (title: string) => void = () => {},
): Vm {
  const nodes: string[] = [];

  async function send({ method, path, body }: Call): Promise<JobHandle> {
    return client.submit(method, path, { body });
  }

  async function describe(call: Call, node: string): Promise<JobHandle> {
    if (!nodes.includes(node)) nodes.push(node);
    const title = `Describe node ${nodes.indexOf(node) + 1} of ${cluster}`;
    onStep(title);
    const handle = await send(call);
    if (handle.id !== undefined) start({ title, chained: true, begin: () => handle });
    return handle;
  }

  function show(call: Call): Promise<JobHandle> {
    const step = stepOf(call, cluster);
    onStep(step.title);
    return new Promise((resolve, reject) => {
      const begin = () => {
        const sent = send(call);
        sent.then(resolve, reject);
        return sent;
      };
      start({ ...step, chained: true, begin });
    });
  }

  return {
    list: (path, query) => client.list(path, query && { query }),
    async send(method, path, body) {
      const call = { method, path, body };
      const node = /^\/clusters\/[^/]+\/nodes\/([^/]+)/.exec(path)?.[1];
      const handle = await (node === undefined ? show(call) : describe(call, node));
      // The timeline waits for the same job, too. All who wait share one poll.
      if (handle.id !== undefined) await handle.result();
      return handle.response ?? {};
    },
  };
}
