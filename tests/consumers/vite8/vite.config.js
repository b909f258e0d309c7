export default {
  server: { proxy: { "/api": process.env.DEPLOY_URL } },
};
