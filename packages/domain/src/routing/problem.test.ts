import { describe, expect, it } from 'vitest';
import { pathText, problemText, schemaProblems, shown } from './problem.ts';

describe('a problem in words', () => {
  it('says where, what was expected, what is there and what to do', () => {
    const problem = {
      severity: 'error',
      file: 'policy.yaml',
      line: 4,
      path: 'rules[0].way',
      expected: 'a',
      got: 'b',
      remedy: 'do',
    } as const;
    expect(problemText(problem)).toBe('policy.yaml:4: rules[0].way: expected a, got b; do');
    expect(problemText({ ...problem, line: null, path: '', severity: 'warning' })).toBe('policy.yaml: warning: expected a, got b; do');
    expect(problemText({ ...problem, file: null, path: '' })).toBe('expected a, got b; do');
  });

  it('writes paths as people do', () => {
    expect(pathText(['rules', 2, 'way', 'sla'])).toBe('rules[2].way.sla');
    expect(pathText([0, 'x'])).toBe('[0].x');
  });

  it('reads a schema’s issues, with the value that is there and its line', () => {
    const found = schemaProblems(
      [{ path: ['a', 1], message: 'expected a text' }],
      { a: ['x', 7] },
      {
        file: 'f.yaml',
        remedy: 'mend it',
        locate: (path) => path.length,
      },
    );
    expect(found.map(problemText)).toEqual(['f.yaml:2: a[1]: expected a text, got 7; mend it']);
  });

  it.each([
    ['Invalid input: expected string, received number', 'string', '7'],
    ['Too big: expected string to have <=3 characters', 'string to have <=3 characters', '7'],
    ['expected a fraction such as 1/3, received as text', 'a fraction such as 1/3', '7'],
    ['Unrecognized key: "tier"', 'only keys that are known', '"tier"'],
    ['Required', 'Required', '7'],
  ])('reads %j as what was expected', (message, expected, got) => {
    expect(schemaProblems([{ path: ['a'], message }], { a: 7 }, { remedy: 'mend it' })).toMatchObject([{ expected, got, line: null }]);
  });

  it('shows values short', () => {
    expect([undefined, null, [1, 2], {}, 'x'].map(shown)).toEqual(['nothing', 'null', 'a list of 2', 'an object', '"x"']);
    expect(shown('y'.repeat(200)).length).toBeLessThan(90);
  });
});
