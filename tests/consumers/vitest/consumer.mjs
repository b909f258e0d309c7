export const where = "Vitest 4";
export const how =
  "a user's tests, in the environments node and jsdom, and against the simulator in fake time";

export async function run(app) {
  app.followed(await app.run("vitest", "run"), 2);
}
