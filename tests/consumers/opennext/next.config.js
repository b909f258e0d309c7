export default {
  turbopack: { root: import.meta.dirname },
  // OpenNext then takes the entry for workerd. In Next's own bundle it would be that for Node, which compiles from bytes.
  serverExternalPackages: ["ontap-select-deploy"],
  rewrites: () => [{ source: "/api/:path*", destination: `${process.env.DEPLOY_URL}/api/:path*` }],
};
