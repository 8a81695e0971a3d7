/** The repository keeps the rules of the house. A breach names the file, the rule and the remedy. */
import { describe, expect, test } from 'vitest';
import { badNames } from './ground-rules.ts';
import { workspaceOf } from './rule.ts';
import { RULES } from './rules.ts';
import { pathsUnder, readHouse } from './sources.ts';

const house = readHouse();

describe('the house keeps its rules', () => {
  test('it is read as a whole', () => {
    const folders = new Set(house.sources.map(({ path }) => workspaceOf(path)));
    expect(house.workspaces.map(({ folder }) => folder).filter((folder) => folder !== '' && !folders.has(folder))).toEqual([]);
    expect(house.sources.filter(({ imports }) => imports.length > 0).length).toBeGreaterThan(200);
  });

  test.for(Object.entries(RULES))('%s', ([, rule]) => {
    expect(house.sources.flatMap((source) => rule(source, house)).join('\n')).toBe('');
  });

  test('names', () => {
    expect(badNames(['packages', 'apps', 'test', 'scripts', 'tools'].flatMap(pathsUnder)).join('\n')).toBe('');
  });
});
