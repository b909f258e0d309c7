// Passes /api from the development server to a Deploy VM with a self-signed certificate.

import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import { defineConfig } from "vite";

// Saved by: npx ontap-select-deploy certificate deploy.example.com --output deploy.pem
const agent = new Agent({ ca: readFileSync("deploy.pem") });

export default defineConfig({
  server: {
    proxy: { "/api": { target: "https://deploy.example.com", changeOrigin: true, agent } },
  },
});
