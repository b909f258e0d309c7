import { DeployClient } from "ontap-select-deploy";
import { nodeFetch } from "ontap-select-deploy/node";

/** Creates a client that shows how many bytes of each body it has sent. */
export function clientWithProgress(options, show) {
  const onUpload = ({ path, sent, total }) => show(`${path}: ${sent} of ${total} bytes`);
  return new DeployClient({ ...options, fetch: nodeFetch({ onUpload }) });
}
