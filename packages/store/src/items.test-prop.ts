import type { FieldMap, FieldName, FieldValue } from '@lockstep/domain/backlog/item.ts';
import { FIELD_NAMES } from '@lockstep/domain/backlog/item.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anItem, NOW, run, useTestStore } from './testing.ts';
import { UnstorableText } from './storable.ts';

const database = useTestStore();

/** Any UTF-16, halves of pairs and U+0000 included. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('a\0', '\ud800', '\\u0000', "'; drop table lockstep.items; --"),
);
const value: fc.Arbitrary<FieldValue> = fc.oneof(text, fc.constant(null), fc.array(text, { maxLength: 3 }));
const fields: fc.Arbitrary<FieldMap> = fc
  .uniqueArray(fc.tuple(fc.constantFrom<FieldName>(...FIELD_NAMES), value), { selector: ([name]) => name, maxLength: 8 })
  .map((entries) => Object.fromEntries(entries));

const storable = (map: FieldMap): boolean =>
  Object.values(map)
    .flat()
    .every((one) => one === null || (one.isWellFormed() && !one.includes('\0')));

test('I04 whatever is stored is read back the same, and what cannot be stored is refused', async () => {
  const store = database.store();
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fields, { minLength: 1, maxLength: 5 }), async (maps) => {
      round += 1;
      const items = maps.map((map, place) => anItem(`item-${round}-${place}`, map));
      const error = await run(store, (tx) => tx.saveItems(items, NOW)).then(
        () => null,
        (refusal: unknown) => refusal,
      );
      const isStorable = maps.every(storable);
      expect([error === null, error instanceof UnstorableText]).toEqual([isStorable, !isStorable]);
      // One text that cannot be stored keeps all of them out.
      expect(await store.snapshot((tx) => tx.items(items.map((item) => item.itemId)))).toEqual(isStorable ? items : []);
    }),
    { numRuns: 200 },
  );
});
