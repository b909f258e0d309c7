export const where = "Jest 30";
export const how =
  "a user's tests in node and in jsdom with Node's `fetch`, and against the simulator with fake timers";

export async function run(app) {
  app.followed(await app.run("jest"), 2);
}
