/** What crosses the HTTP API of the audit log. Hashes are lower-case hex of 64 digits. */
import { z } from '@hono/zod-openapi';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const place = z.int().min(0);

export const auditPageSchema = z
  .object({
    /** How many entries the log had. */
    size: place,
    /** The entries' exact texts, canonical JSON (RFC 8785), and their leaf hashes (RFC 6962). */
    entries: z.array(z.object({ seq: place, canonical: z.string(), leaf: hash })),
    /** Where the next page begins; null at the end. */
    next: place.nullable(),
  })
  .openapi('AuditPage');

export const checkpointSchema = z
  .object({
    workspaceId: z.string(),
    size: place,
    root: hash,
    at: z.string().openapi({ format: 'date-time' }),
    keyId: z.string(),
    /** Ed25519, base64. */
    signature: z.string(),
  })
  .openapi('AuditCheckpoint');

export const consistencySchema = z
  .object({ first: place, second: place, firstRoot: hash, secondRoot: hash, proof: z.array(hash) })
  .openapi('AuditConsistency');

export const inclusionSchema = z
  .object({ seq: place, size: place, leafHash: hash, root: hash, proof: z.array(hash) })
  .openapi('AuditInclusion');

export type AuditPage = z.infer<typeof auditPageSchema>;
export type AuditCheckpoint = z.infer<typeof checkpointSchema>;
