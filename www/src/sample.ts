// What is filled in where Deploy is a simulator. A real one gets names and addresses that somebody typed.

/** A login that no host of a simulator refuses. */
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

/** Addresses of the documentation's network for the cluster of this name: each name has its own ten. */
export function exampleAddresses(name: string): { readonly gateway: string; at(index: number): string } {
  const number = Number(/\d+$/.exec(name)?.[0] ?? 1);
  const first = 10 * (1 + ((number - 1) % 24));
  return { gateway: "192.0.2.1", at: (index) => `192.0.2.${first + index}` };
}
