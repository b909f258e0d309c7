export const where = "Vitest 4";
export const how = "a user's tests in node and jsdom, and against the simulator with fake timers";

export async function run(app) {
  app.followed(await app.run("vitest", "run"), 2);
}
