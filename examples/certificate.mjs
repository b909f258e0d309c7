// Prints a server's certificate details, so that you can compare them. With a file name, saves the certificate too.
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
