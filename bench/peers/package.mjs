// The package, as its README shows it.

import { DeployClient } from "ontap-select-deploy";

export const title = "ontap-select-deploy";

export function create({ baseUrl, authorization, pollSeconds, retry, maxOpenPolls, fetch }) {
  const client = new DeployClient({
    baseUrl,
    // A user has the name and the password.
    auth:
      typeof authorization === "function"
        ? ({ status }) => authorization(status)
        : { username: "admin", password: "Netapp1!" },
    pollTimeout: pollSeconds * 1_000,
    ...(maxOpenPolls && { maxOpenPolls }),
    ...(fetch && { fetch }),
    ...(retry && {
      retry: {
        // With the first attempt.
        maxAttempts: retry.limit + 1,
        initialDelay: retry.minMs,
        maxDelay: retry.maxMs,
        maxRetryAfter: retry.maxRetryAfterMs,
      },
    }),
  });
  return {
    run: async (body, waiting) => (await client.post("/hosts", body, waiting)).job,
  };
}
