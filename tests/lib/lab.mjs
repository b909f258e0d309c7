// The simulated Deploy behind the documentation: strict, and with the hosts and the vCenter of the pages, examples and
// help.

const TERABYTE = 2 ** 40;

/** The vCenter whose login Deploy has. */
export const VCENTER = "vcenter.example.com";

/** The settings of the simulator. */
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
