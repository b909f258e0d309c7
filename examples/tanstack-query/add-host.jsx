import { Job } from "../react/add-host.jsx";
import { useAddHost } from "./jobs.js";

const VCENTER = "vcenter.example.com"; // Deploy has its credential

export function AddHost({ deploy }) {
  const call = useAddHost(deploy);
  const add = (form) =>
    call.mutate({ name: form.get("name"), hypervisor_type: "ESX", management_server: VCENTER });

  return (
    <form action={add}>
      <input name="name" aria-label="Host" required />
      <button type="submit" disabled={call.isPending}>
        Add
      </button>
      {call.error && <p role="alert">{call.error.message}</p>}
      {call.data && <Job key={call.data.id} handle={call.data} />}
    </form>
  );
}
