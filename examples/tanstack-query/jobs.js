import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

/** The call. It settles when Deploy has accepted it; `data` is then the job's handle. */
export function useAddHost(deploy) {
  return useMutation({
    mutationFn: (host) => deploy.submit("POST", "/hosts", { body: { hosts: [host] } }),
    retry: false, // a mutating call is sent once
    networkMode: "always",
  });
}

/** A job by its id. `data` is its latest snapshot; `isFetching` is true until it ends; `error` says why it did not succeed. */
export function useJob(deploy, id) {
  const queries = useQueryClient();
  const queryKey = ["job", id];
  return useQuery({
    queryKey,
    enabled: id !== undefined,
    queryFn: ({ signal }) =>
      deploy.job(id).result({ signal, onProgress: (job) => queries.setQueryData(queryKey, job) }),
    retry: false, // the package retries, and knows what it must not resend
    networkMode: "always", // the package waits for the network
    // Until the job has succeeded, a new component must poll again.
    staleTime: ({ state }) => (state.data?.state === "success" ? Number.POSITIVE_INFINITY : 0),
  });
}
