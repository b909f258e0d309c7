// The values that the forms fill in for a simulated Deploy. For a real one the user types them.

/** A login that the simulator accepts for every host. */
export function exampleLogin(simulated: boolean): { readonly username: string; readonly password: string } {
  return simulated ? { username: "root", password: "Simulated-1!" } : { username: "", password: "" };
}

export const exampleVcenter = {
  hostname: "vcenter.example.com",
  username: "administrator@vsphere.local",
  password: "Simulated-1!",
};

export const exampleHosts = ["esx-01", "esx-02"] as const;
export const examplePassword = "Simulated-1!";

/** Ten addresses for the cluster with this name, from a network reserved for documentation. */
export function exampleAddresses(name: string): { readonly gateway: string; at(index: number): string } {
  const number = Number(/\d+$/.exec(name)?.[0] ?? 1);
  const first = 10 * (1 + ((number - 1) % 24));
  return { gateway: "192.0.2.1", at: (index) => `192.0.2.${first + index}` };
}
