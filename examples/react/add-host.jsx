import { JobFailedError } from "ontap-select-deploy";
import { useActionState } from "react";
import { useJob } from "./use-job.js";

const VCENTER = "vcenter.example.com"; // Deploy has its credential

export function AddHost({ deploy }) {
  const [{ handle, refusal }, add, busy] = useActionState(async (_before, form) => {
    const host = { name: form.get("name"), hypervisor_type: "ESX", management_server: VCENTER };
    try {
      return { handle: await deploy.submit("POST", "/hosts", { body: { hosts: [host] } }) };
    } catch (error) {
      return { refusal: error.message };
    }
  }, {});

  return (
    <form action={add}>
      <input name="name" aria-label="Host" required />
      <button type="submit" disabled={busy}>
        Add
      </button>
      {refusal && <p role="alert">{refusal}</p>}
      {handle && <Job key={handle.id} handle={handle} />}
    </form>
  );
}

export function Job({ handle }) {
  const { job, error } = useJob(handle);
  if (error instanceof JobFailedError) return <p role="alert">Failed: {error.message}</p>;
  if (error) return <p role="alert">Outcome unknown: {error.message}</p>;
  const done = job?.state === "success";
  return <p role="status">{done ? "Done." : `${job?.state ?? "…"}: ${job?.message ?? ""}`}</p>;
}
