import { expect, it } from 'vitest';
import { accountableOwner } from './owner.ts';

it.each([
  ['VP Sales + CGO', 'VP Sales'],
  ['RevOps & Product', 'RevOps'],
  ['Growth, Sales', 'Growth'],
  ['SDR/AE', 'SDR'],
  ['CMO and Growth', 'CMO'],
  ['RevOps with Legal', 'RevOps'],
  ['Ann und Bo', 'Ann'],
  ['Ann et Bo', 'Ann'],
  ['ANN AND BO', 'ANN'],
  ['Ann|Bo', 'Ann'],
  ['Ann; Bo', 'Ann'],
  ['Ann+Bo', 'Ann'],
  ['Ann\u00a0+ Bo', 'Ann'],
  ['Andy', 'Andy'],
  ['Anders Sandberg', 'Anders Sandberg'],
  ['VP Enterprise Sales (new hire)', 'VP Enterprise Sales'],
  ['VP (new hire, 2027) Sales', 'VP Sales'],
  ['**CGO** + `RevOps`', 'CGO'],
  ['_Growth_   Team', 'Growth Team'],
  ['(acting) + CGO', 'CGO'],
  [' + CGO', 'CGO'],
  ['  ', null],
  ['(nobody yet)', null],
  ['+', null],
  ['', null],
  [null, null],
  [undefined, null],
])('of an owner %j the accountable one is %j', (text, accountable) => {
  expect(accountableOwner(text)).toBe(accountable);
});
