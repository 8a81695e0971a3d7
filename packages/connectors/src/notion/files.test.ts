import { expect, test } from 'vitest';
import { filesOf } from './files.ts';
import type { Page } from './wire.ts';

const page = (files: readonly unknown[]): Page => ({
  ...{ object: 'page', id: 'p1', created_time: '2026-11-24T09:00:00.000Z', last_edited_time: '2026-11-24T09:00:00.000Z' },
  ...{ in_trash: false, is_archived: false, url: 'https://www.notion.so/p1', parent: { type: 'data_source_id' } },
  properties: { Files: { id: 'f1', type: 'files', files } },
});

test('I10 a file whose address runs out is told of with its page, and stays the same file when Notion gives it another address', () => {
  const hosted = (signature: string) => ({
    ...{ name: 'soil.pdf', type: 'file' },
    file: { url: `https://files.example/soil.pdf?signature=${signature}`, expiry_time: '2026-11-24T10:00:00.000Z' },
  });
  const told = filesOf(page([hosted('one')]));
  expect(told?.comments.map(({ text }) => text)).toEqual([
    'File soil.pdf of "Files", of a size that Notion does not tell: https://www.notion.so/p1',
  ]);
  expect(filesOf(page([hosted('two')]))).toEqual(told);
});

test('I10 an external file is told of with its own address; without files all that were are gone; a page that cannot have any says nothing', () => {
  const map = { name: 'map.png', type: 'external', external: { url: 'https://maps.example/map.png' } };
  expect(filesOf(page([map]))?.comments.map(({ text }) => text)).toEqual([expect.stringMatching(/: https:\/\/maps\.example\/map\.png$/)]);
  expect(filesOf(page([]))).toEqual({ remoteId: 'p1', complete: ['file'], comments: [] });
  expect(filesOf({ ...page([]), properties: {} })).toBeUndefined();
});
