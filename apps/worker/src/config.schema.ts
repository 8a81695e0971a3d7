/**
 * The configuration file, version 1. Secrets are never in it: it names where they lie (`env:NAME` or `file:PATH`).
 */
import { z } from 'zod';

const id = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'expected lower-case letters, digits and hyphens, beginning with a letter');
const secret = z
  .string()
  .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, 'expected env:NAME or file:PATH; secrets do not stand in the configuration itself');
const gate = z.enum(['open', 'plan-first']).default('plan-first');
const shared = {
  id,
  /** A mapping file; the shipped default of the connector where it is left out. */
  mapping: z.string().min(1).optional(),
  gate,
  webhookSecret: secret.optional(),
};

const connectionSchema = z.discriminatedUnion('connector', [
  z.strictObject({ id, connector: z.literal('document'), file: z.string().min(1), gate }),
  z.strictObject({ ...shared, connector: z.literal('jira'), baseUrl: z.url(), email: secret, apiToken: secret }),
  z.strictObject({ ...shared, connector: z.literal('notion'), baseUrl: z.url().default('https://api.notion.com'), token: secret }),
  z.strictObject({ ...shared, connector: z.literal('hubspot'), baseUrl: z.url().default('https://api.hubapi.com'), accessToken: secret }),
]);

export const configSchema = z
  .strictObject({
    version: z.literal(1),
    workspace: id,
    /** In order: under the merge rule `order` the first wins. */
    connections: z.array(connectionSchema).min(1),
    pollIntervalSeconds: z.number().int().min(1).max(3600).default(30),
    requestTimeoutSeconds: z.number().int().min(1).max(600).default(30),
    /** Time of the nightly full reconciliation, UTC, as a cron expression. */
    reconcileCron: z.string().default('17 2 * * *'),
    /** Target URLs in the mappings' values may be overridden per connection, for other accounts of one tool. */
    targets: z.record(z.string(), z.record(z.string(), z.string())).default({}),
  })
  .superRefine((config, context) => {
    const seen = new Set<string>();
    for (const [index, connection] of config.connections.entries()) {
      if (seen.has(connection.id))
        context.addIssue({
          code: 'custom',
          path: ['connections', index, 'id'],
          message: `expected a distinct id, got ${connection.id} again`,
        });
      seen.add(connection.id);
    }
  });

export type Config = z.infer<typeof configSchema>;
export type ConnectionConfig = z.infer<typeof connectionSchema>;
