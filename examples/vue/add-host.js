import { JobFailedError } from "ontap-select-deploy";
import { h, shallowRef } from "vue";
import { useJob } from "./use-job.js";

const VCENTER = "vcenter.example.com"; // Deploy has its credential

/** Uses `h()`, so that it needs no template compiler. */
export const AddHost = {
  props: ["deploy"],
  setup({ deploy }) {
    // Shallow, because Vue must not wrap a handle in a proxy.
    const handle = shallowRef();
    const refusal = shallowRef();
    const { job, error } = useJob(handle);

    async function add(event) {
      event.preventDefault();
      const name = new FormData(event.target).get("name");
      const host = { name, hypervisor_type: "ESX", management_server: VCENTER };
      handle.value = refusal.value = undefined;
      try {
        handle.value = await deploy.submit("POST", "/hosts", { body: { hosts: [host] } });
      } catch (reason) {
        refusal.value = reason.message;
      }
    }

    function status() {
      if (refusal.value) return refusal.value;
      if (error.value instanceof JobFailedError) return `Failed: ${error.value.message}`;
      if (error.value) return `Outcome unknown: ${error.value.message}`;
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
