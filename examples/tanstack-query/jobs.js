import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

/** The call. Over when it is accepted; `data` is then the job's handle. */
export function useAddHost(deploy) {
  return useMutation({
    mutationFn: (host) => deploy.submit("POST", "/hosts", { body: { hosts: [host] } }),
    retry: false, // a call that changes something is sent once
    networkMode: "always",
  });
}

/** A job by its id, in the cache. `data` is its last snapshot, `isFetching` until it is over, `error` why it did not succeed. */
export function useJob(deploy, id) {
  const queries = useQueryClient();
  const queryKey = ["job", id];
  return useQuery({
    queryKey,
    enabled: id !== undefined,
    queryFn: ({ signal }) =>
      deploy.job(id).result({ signal, onProgress: (job) => queries.setQueryData(queryKey, job) }),
    retry: false, // the package retries by itself, and knows what not to
    networkMode: "always", // and waits by itself for a network that is away
    // A snapshot is fresh for ever once the job is over; until then a component that comes looks again.
    staleTime: ({ state }) => (state.data?.state === "success" ? Number.POSITIVE_INFINITY : 0),
  });
}
