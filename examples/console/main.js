import { DeployClient, JobFailedError } from "ontap-select-deploy";

const form = document.querySelector("#add");
const status = document.querySelector("#status");
const leave = document.querySelector("#leave");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { host, vcenter, password } = Object.fromEntries(new FormData(form));
  const deploy = new DeployClient({ baseUrl: "/api", auth: { username: "admin", password } });
  const leaving = new AbortController();
  leave.onclick = () => leaving.abort();
  leave.hidden = false;

  status.textContent = await deploy
    .post(
      "/hosts",
      { hosts: [{ name: host, hypervisor_type: "ESX", management_server: vcenter || undefined }] },
      {
        signal: leaving.signal,
        onProgress: ({ state, message }) => {
          status.textContent = `${state}: ${message ?? ""}`;
        },
      },
    )
    .then(
      () => `${host} is added.`,
      (error) => {
        if (leaving.signal.aborted) return "No longer watched. What was accepted goes on.";
        if (error instanceof JobFailedError) return `${host} was not added: ${error.message}`;
        return `Outcome unknown: ${error.message}`;
      },
    );

  leave.hidden = true;
  deploy.close();
});
