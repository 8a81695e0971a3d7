/** What a bundle must not look like: one value from a schema brings zod along. For bundle.test.ts, which must be able to fail. */
import { mappingSchema } from '@lockstep/domain/sync/mapping.schema.ts';

export async function heavy(): Promise<boolean> {
  return mappingSchema.safeParse({}).success;
}
