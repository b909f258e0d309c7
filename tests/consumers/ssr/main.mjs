import assert from "node:assert/strict";
import { render } from "./dist/render.js";

assert.equal(typeof window, "undefined");
console.log(await render(`${process.env.DEPLOY_URL}/api`));
