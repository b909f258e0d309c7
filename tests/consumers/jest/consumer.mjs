export const where = "Jest 30";
export const how =
  "a user's tests, in the environments node and jsdom, which is lent Node's `fetch`, and against the simulator in fake time";

export async function run(app) {
  app.followed(await app.run("jest"), 2);
}
