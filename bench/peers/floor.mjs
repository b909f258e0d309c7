// The floor: the same number of bare `fetch` calls with the same waits at the server, and nothing else. It knows in advance what a
// client has to learn: the job's id, its cursors, and how often it changes.

import { stamp } from "./stamps.mjs";

export const title = "floor: bare fetch";

export function create({ baseUrl, authorization, changes, pollSeconds }) {
  const headers = { authorization, accept: "application/json", "content-type": "application/json" };
  return {
    async run({ name }) {
      const body = JSON.stringify({ name });
      await (await fetch(`${baseUrl}/hosts`, { method: "POST", headers, body })).text();
      let last;
      for (let change = 0; change < changes; change += 1) {
        const query = `fields=state,message,last_modified&poll_timeout=${pollSeconds}&last_modified=%3E=${stamp(change)}`;
        last = await (await fetch(`${baseUrl}/jobs/${name}?${query}`, { headers })).text();
      }
      return last;
    },
  };
}
