import { DeployClient } from "ontap-select-deploy";

const form = document.querySelector("#add");
const status = document.querySelector("#status");
const stop = document.querySelector("#stop");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { host, vcenter, password } = Object.fromEntries(new FormData(form));
  // The form asks for the password each time. With one login for the page, create one client and reuse it.
  const deploy = new DeployClient({ baseUrl: "/api", auth: { username: "admin", password } });
  const controller = new AbortController();
  stop.onclick = () => controller.abort();
  stop.hidden = false;

  status.textContent = await deploy
    .post(
      "/hosts",
      { hosts: [{ name: host, hypervisor_type: "ESX", management_server: vcenter || undefined }] },
      {
        signal: controller.signal,
        onProgress: ({ state, message }) => {
          status.textContent = `${state}: ${message ?? ""}`;
        },
      },
    )
    .then(
      () => `${host} is added.`,
      (error) => {
        if (controller.signal.aborted) return "No longer watched. An accepted job keeps running.";
        if (error.outcome === "failed") return `${host} was not added: ${error.message}`;
        if (error.outcome === "refused") return `Nothing was changed: ${error.message}`;
        return `Outcome unknown. Check the host before you add it again. ${error.message}`;
      },
    );

  stop.hidden = true;
  deploy.close();
});
