/** Exports of hostile text: inert in spreadsheets, in Markdown and in terminals. */
import { expect, it } from 'vitest';
import type { ApiItem } from '@lockstep/api/schemas.ts';
import { exportedCsv, exportedJson, exportedMarkdown } from './exported.ts';
import { printedJson } from './output.ts';

const of = (titles: readonly string[]): readonly ApiItem[] =>
  titles.map((title, index) => ({ itemId: `item-${index}`, kind: 'task', deletedAt: null, fields: { title } }));
/** The title's cell of each row, as a spreadsheet reads it. */
const cells = (titles: readonly string[]): readonly string[] =>
  titles.map((title) => {
    const text = exportedCsv(of([title])).slice('itemId,kind,title\r\nitem-0,task,'.length, -'\r\n'.length);
    return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
  });

it('I05 no cell of the CSV is a formula, however it begins; what is none is left as it is', () => {
  const formulas = [
    '=HYPERLINK("http://evil.example","a")',
    "+1+cmd|' /C calc'!A0",
    '-2+3',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '＝1',
    '＋1',
    '－1',
    '＠a',
  ];
  expect(cells(formulas)).toEqual(formulas.map((formula) => `'${formula}`));
  const words = ['a=b', '1-2', "it's", ' =1', 'a,b', 'say "so"', 'two\nlines', ''];
  expect(cells(words)).toEqual(words);
});

it('I05 I04 no form holds control characters or marks of direction that a terminal obeys', () => {
  const hostile = ['\u001b[2J\u001b]0;owned\u0007', 'a\u0000b', '\u009b31m', 'a\u202Etxt.exe'];
  expect(exportedCsv(of(hostile))).not.toMatch(/[^\P{Cc}\r\n]/u);
  expect(exportedMarkdown(of(hostile))).not.toMatch(/[^\P{Cc}\n]|\u202E/u);
  expect(exportedMarkdown(of(hostile))).toContain('\\x1b');
  const json = printedJson(exportedJson(of(hostile)));
  expect(json).not.toMatch(/[^\P{Cc}\n]|\u202E/u);
  expect(JSON.parse(json)).toEqual(exportedJson(of(hostile)));
});

it('I05 no title makes markup of the Markdown, or a line of its own', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '[click](javascript:alert(1))',
    '**bold** `code` ~gone~',
    'a\n- [x] **another**',
    '<!-- gone -->',
    '| a | b |',
    'back\\slash',
  ];
  const text = exportedMarkdown(of(hostile));
  expect(text.trimEnd().split('\n')).toHaveLength(hostile.length);
  const titles = text
    .trimEnd()
    .split('\n')
    .map((line) => line.slice('- [ ] **'.length, -'** (task)'.length));
  for (const title of titles) expect(title).not.toMatch(/(?<!\\)(?:\\\\)*[`*_[\]<>|~]/);
  expect(titles[0]).toBe('\\<script\\>alert(1)\\</script\\>');
});
