import { expect, test } from 'vitest';

test('libraries under test are the builds that people run, none made for development', () => {
  expect(process.execArgv.filter((argument) => argument.includes('development'))).toEqual([]);
});
