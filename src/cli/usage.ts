// The help text, and the errors in the use of the command.

/** An error in the command line, a file or the environment that the user can fix. Exit code 2. */
export class UsageError extends Error {}

export const help = `Calls the ONTAP Select Deploy REST API and waits until the work is really over.

Usage
  ontap-select-deploy <method> <path> [options]       one call, followed to its end
  ontap-select-deploy wait <job-id|token> [options]   a job that exists already

  <method>  get, post, put, patch or delete
  <path>    below the base, its query included: "/clusters?fields=name,state"

Options
  --base URL           where the API is: https://deploy.example.com/api. Or DEPLOY_URL.
  --data JSON          the body; @FILE reads a file, @- standard input. What is secret
                       belongs in a file: others on this machine see the arguments.
  --header 'N: value'  a header of every request; may be given several times
  --timeout SPAN       the longest to wait: 90s, 15m, 2h, 1h30m. Default: no limit.
  --request-timeout SPAN
                       the longest that one request may take. Default: 120s.
  --max-response-bytes N
                       the longest answer that is read. Default: 1048576.
  --credentials FILE   {"username": …, "password": …} or {"bearer": …}, and "headers"
                       if they are secret; readable by you alone
  --ca FILE            trust the certificates in this PEM file, and no others
  --insecure-http      send credentials over plain http to another machine
  --quiet              no progress
  --help, --version

Credentials are never arguments. Without --credentials they come from the environment:
  DEPLOY_USERNAME (default: admin) and DEPLOY_PASSWORD, or DEPLOY_BEARER

The result goes to standard output as JSON, the progress to standard error.

Exit codes
  0  success
  1  the job failed; its last record is on standard output
  2  wrong usage; nothing was sent
  3  the outcome is unknown: a time-out, Ctrl-C, a lost connection, a 5xx; if a job
     is known, standard error says how to go on waiting for it
  4  nothing was done: the call was refused or could not be sent, or it was a get

Example
  export DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD
  read -rs DEPLOY_PASSWORD
  echo '{"hosts": [{"name": "esx-1.example.com", "hypervisor_type": "ESX",
    "management_server": "vcenter.example.com"}]}' >host.json
  ontap-select-deploy post /hosts --data @host.json --timeout 15m
`;
