// Asks a server for its certificate, and shows what of it is to be compared. With a file, the certificate is kept there.
//
//   node certificate.mjs deploy.example.com deploy.crt

import { writeFileSync } from "node:fs";
import { certificate } from "ontap-select-deploy/node";

const [, , address = "", file] = process.argv;
try {
  const { pem, fingerprint256, subject, names, validTo } = await certificate(address);
  console.log(`${fingerprint256}\n${subject}\n${names.join(", ")}\nuntil ${validTo.toISOString()}`);
  if (file) writeFileSync(file, pem);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
