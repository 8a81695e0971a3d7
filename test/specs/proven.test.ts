/** Every law and hard case of the sync is on its page, and a test shows it. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { entriesOf, titlesFor } from '../../scripts/specs.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const page = readFileSync(`${ROOT}/docs/specs/sync.md`, 'utf8');

/** What the page promises: a number that is taken off it is missed here. */
const NUMBERS: Readonly<Record<string, string>> = {
  S: '1 2 3 4 5 6 7 8 9 10 11 12 13',
  A: '01 02 03 04 06 07 08 09 11',
  B: '01 02 04 06',
  C: '01 02 04 05 06 07 08 10',
  D: '01 04 05 06 07',
  E: '01 03 04 05 06 08 10',
  F: '01 03 04 06 07 09 10',
  G: '01 02 03 04 05 07 08 10',
  H: '01 02 05 06 07',
  I: '01 03 04 05 07 08 09 10',
  J: '01 02 04 06 07 08 09 10',
  K: '02 03 04 06 07 08 09 10 11',
};
const promised = Object.entries(NUMBERS).flatMap(([letter, numbers]) => numbers.split(' ').map((number) => `${letter}${number}`));

describe('the laws and hard cases of the sync', () => {
  it('are all on the page, once each and in order', () => {
    expect(entriesOf(page)).toEqual(promised);
  });

  const titles = titlesFor('sync.md', ROOT);
  it.each(promised)('%s has a test that begins with its number', (number) => {
    expect(titles.filter(({ numbers }) => numbers.includes(number))).not.toEqual([]);
  });
});
