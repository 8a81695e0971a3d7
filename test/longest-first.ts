/** The order in which vitest runs the test files. */
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** What takes long, the longest first: begun last, one of them would run alone at the end while the other processors stand idle. */
const LONG = [
  'test/scenarios/random-histories.test-prop.ts',
  'test/start/example.test.ts',
  'test/crashes/routing-kills.test.ts',
  'test/engine/crm/interleavings.test-prop.ts',
  'test/workflows/pql-routing.test.ts',
  'test/crashes/processes.test.ts',
  'test/crashes/await-points.test.ts',
  'test/crashes/await-points-document.test.ts',
  'test/workflows/replay.test.ts',
  'test/engine/crm/crashes.test.ts',
  'test/replay/pql-routing.test.ts',
  'test/workflows/change-set-outage.test.ts',
];

/** As vitest orders them (by what they took the last time, where it knows), but with the long ones at the beginning also where nothing is known. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification): number => {
      const index = LONG.findIndex((name) => moduleId.endsWith(`/${name}`));
      return index === -1 ? LONG.length : index;
    };
    return sorted.toSorted((one, other) => place(one) - place(other));
  }
}
