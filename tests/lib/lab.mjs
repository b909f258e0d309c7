// What is shown is played against this: a Deploy that takes nothing that a VM might refuse, and the hosts and vCenter
// that pages, examples and the help name.

const TERABYTE = 2 ** 40;

/** The vCenter whose login Deploy has. */
export const VCENTER = "vcenter.example.com";

/** Settings of the simulator. */
export const strict = {
  openHosts: false,
  needCredentials: true,
  refuseUnknownMembers: true,
  hosts: [
    {
      name: "esx-*",
      networks: ["VM Network", "ontap-external", "ontap-internal"],
      pools: [{ name: "datastore1", availableCapacity: 3 * TERABYTE }],
    },
    { name: "kvm-*" },
  ],
  credentials: [{ hostname: VCENTER, username: "administrator@vsphere.local", type: "vcenter" }],
};
