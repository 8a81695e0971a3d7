import { promiseHooks } from 'node:v8';
import { expect, test } from 'vitest';

test('libraries under test are the builds that people run, none made for development', () => {
  expect(process.execArgv.filter((argument) => argument.includes('development'))).toEqual([]);
});

test("promises of tests are not followed: Temporal's SDK asks for it in the process of a test, and a third of all the work would go there", async () => {
  let followed = 0;
  const stop = promiseHooks.createHook({ init: () => (followed += 1) });
  await Promise.resolve();
  stop();
  expect(followed).toBe(0);
});
