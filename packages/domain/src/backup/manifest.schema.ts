/** The manifest of a backup: what is in it, and by what it is known to be whole. It is written last: a folder without one is no backup. */
import { z } from 'zod';

export const MANIFEST_FILE = 'manifest.json';

const count = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/, { error: 'expected a SHA-256 in lower-case hex' });
/** As the catalogue of PostgreSQL has our own: these become parts of statements and names of files. */
const name = z.string().regex(/^[a-z][a-z0-9_]*$/, { error: 'expected a name of lower-case letters, digits and underscores' });

export const manifestSchema = z.strictObject({
  format: z.literal(1, { error: 'expected format 1, the only one that this Lockstep reads' }),
  /** The instant of the snapshot, by the clock of the database. */
  takenAt: z.iso.datetime({ error: 'expected an instant' }),
  server: z.string(),
  /** Applied in this order. */
  migrations: z.array(z.strictObject({ version: count, name: z.string(), checksum: hash })).min(1),
  /** `deployment` held it when the snapshot was taken; null: nobody did. */
  workspaces: z.array(z.strictObject({ workspaceId: z.string(), deployment: z.string().nullable() })),
  /** Tables that others refer to come first. `bytes` and `sha256` are of the file. */
  tables: z.array(z.strictObject({ name, columns: z.array(name).min(1), rows: count, bytes: count, sha256: hash })),
  /** `last` is null for one that has given nothing out. */
  sequences: z.array(z.strictObject({ name, last: count.nullable() })),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type BackedUpTable = Manifest['tables'][number];

/** Where a table's rows stand, in the backup's folder. */
export const tableFile = (table: string): string => `${table}.copy.gz`;
