import { Job, Problem } from "../react/add-host.jsx";
import { useAddHost } from "./jobs.js";

const VCENTER = "vcenter.example.com"; // Deploy has its credential

export function AddHost({ deploy }) {
  const call = useAddHost(deploy);
  const add = (form) =>
    call.mutate({ name: form.get("name"), hypervisor_type: "ESX", management_server: VCENTER });

  return (
    <form action={add}>
      <input name="name" aria-label="Host" defaultValue={call.error && call.variables.name} required />
      <button type="submit" disabled={call.isPending}>
        Add
      </button>
      {call.error && <Problem error={call.error} />}
      {call.data && <Job key={call.data.id} deploy={deploy} handle={call.data} />}
    </form>
  );
}
