import { h, shallowRef } from "vue";
import { useJob } from "./use-job.js";

const VCENTER = "vcenter.example.com"; // Deploy has its credential

/** Uses `h()`, so that it needs no template compiler. */
export const AddHost = {
  props: ["deploy"],
  setup({ deploy }) {
    // Shallow, because Vue must not wrap a handle in a proxy.
    const handle = shallowRef();
    const callError = shallowRef();
    const { job, error } = useJob(handle);

    async function add(event) {
      event.preventDefault();
      const name = new FormData(event.target).get("name");
      const host = { name, hypervisor_type: "ESX", management_server: VCENTER };
      handle.value = callError.value = undefined;
      try {
        handle.value = await deploy.submit("POST", "/hosts", { body: { hosts: [host] } });
      } catch (reason) {
        callError.value = reason;
      }
    }

    function status() {
      const problem = callError.value ?? error.value;
      if (problem) return describe(problem);
      if (job.value?.state === "success") return "Done.";
      return job.value && `${job.value.state}: ${job.value.message ?? ""}`;
    }

    return () =>
      h("form", { onSubmit: add }, [
        h("input", { name: "name", "aria-label": "Host", required: true }),
        h("button", "Add"),
        h("p", { role: "status" }, status()),
      ]);
  },
};

/** Says whether Deploy made the change, and what to do now. */
function describe({ outcome, message }) {
  if (outcome === "failed") return `Failed: ${message}`;
  if (outcome === "refused") return `Nothing was changed: ${message}`;
  return `Outcome unknown. Check the host before you add it again. ${message}`;
}
