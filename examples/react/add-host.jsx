import { useActionState, useState } from "react";
import { useJob } from "./use-job.js";

const VCENTER = "vcenter.example.com"; // Deploy has its credential

export function AddHost({ deploy }) {
  const [{ name, handle, error }, add, busy] = useActionState(async (_before, form) => {
    const host = { name: form.get("name"), hypervisor_type: "ESX", management_server: VCENTER };
    try {
      return { handle: await deploy.submit("POST", "/hosts", { body: { hosts: [host] } }) };
    } catch (error) {
      return { name: host.name, error };
    }
  }, {});

  return (
    <form action={add}>
      <input name="name" aria-label="Host" defaultValue={name} required />
      <button type="submit" disabled={busy}>
        Add
      </button>
      {error && <Problem error={error} />}
      {handle && <Job key={handle.id} deploy={deploy} handle={handle} />}
    </form>
  );
}

/** Shows a job. After a lost connection, the user can continue the wait. */
export function Job({ deploy, handle: first }) {
  const [handle, setHandle] = useState(first);
  const { job, error } = useJob(handle);
  if (error) return <Problem error={error} checkAgain={() => setHandle(deploy.resume(error.token))} />;
  const done = job?.state === "success";
  return <p role="status">{done ? "Done." : `${job?.state ?? "…"}: ${job?.message ?? ""}`}</p>;
}

/** Says whether Deploy made the change, and what to do now. */
export function Problem({ error, checkAgain }) {
  const { outcome, code, token, message } = error;
  if (outcome === "failed") return <p role="alert">Failed: {message}</p>;
  if (outcome === "refused") return <p role="alert">Nothing was changed: {message}</p>;
  if (!token || code === "JOB_GONE") {
    return <p role="alert">Outcome unknown. Check the host before you add it again. {message}</p>;
  }
  return (
    <p role="alert">
      Outcome unknown. The job may still succeed. {message}{" "}
      <button type="button" onClick={checkAgain}>
        Check again
      </button>
    </p>
  );
}
