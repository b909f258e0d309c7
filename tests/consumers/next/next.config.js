export default {
  turbopack: { root: import.meta.dirname },
  rewrites: () => [{ source: "/api/:path*", destination: `${process.env.DEPLOY_URL}/api/:path*` }],
};
