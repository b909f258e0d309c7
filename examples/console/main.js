import { DeployClient, JobFailedError } from "ontap-select-deploy";

const form = document.querySelector("#add");
const status = document.querySelector("#status");
const stop = document.querySelector("#stop");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { host, vcenter, password } = Object.fromEntries(new FormData(form));
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
        if (error instanceof JobFailedError) return `${host} was not added: ${error.message}`;
        return `Outcome unknown: ${error.message}`;
      },
    );

  stop.hidden = true;
  deploy.close();
});
