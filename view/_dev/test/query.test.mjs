import assert from "node:assert/strict";
import { test } from "node:test";
import { readCases, run } from "./query-cases.mjs";

for (const c of readCases()) {
  test(`filter case ${c.id}: ${c.note}`, () => {
    const begin = performance.now();
    const got = run(c);
    assert.ok(performance.now() - begin < 1000, "it took more than a second");
    if (c.error) {
      assert.ok(got.error, `no error, but ${JSON.stringify(got)}`);
      assert.ok(got.error.message.includes(c.error.contains), `${got.error.message}, want ${c.error.contains}`);
      if (c.error.at !== undefined) assert.equal(got.error.at, c.error.at);
      return;
    }
    assert.equal(got.error, undefined);
    if (c.match) assert.deepEqual(got.match, c.match);
    if (c.print !== undefined) assert.equal(got.print, c.print);
    assert.equal(got.again, got.print, "as printed it is read as something else");
  });
}
