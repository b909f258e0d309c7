import { JobFailedError } from "ontap-select-deploy";
import { useAddHost, useJob } from "./jobs.js";

const VCENTER = "vcenter.example.com"; // Deploy holds its credential

export function AddHost({ deploy }) {
  const call = useAddHost(deploy);
  const job = useJob(deploy, call.data?.id);
  const error = call.error ?? job.error;
  const done = job.data?.state === "success";

  const add = (form) =>
    call.mutate({ name: form.get("name"), hypervisor_type: "ESX", management_server: VCENTER });
  return (
    <form action={add}>
      <input name="name" aria-label="Host" required />
      <button type="submit" disabled={call.isPending}>
        Add
      </button>
      {error && <p role="alert">{tell(error)}</p>}
      {!error && job.data && (
        <p role="status">{done ? "Done." : `${job.data.state}: ${job.data.message ?? ""}`}</p>
      )}
    </form>
  );
}

function tell(error) {
  return error instanceof JobFailedError
    ? `Failed: ${error.message}`
    : `Not known to be done: ${error.message}`;
}
