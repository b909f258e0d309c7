export default {
  turbopack: { root: import.meta.dirname },
  // So OpenNext uses the entry for workerd. Next's own bundle would use the entry for Node, which compiles from bytes.
  serverExternalPackages: ["ontap-select-deploy"],
  rewrites: () => [{ source: "/api/:path*", destination: `${process.env.DEPLOY_URL}/api/:path*` }],
};
