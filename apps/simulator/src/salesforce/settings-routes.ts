/** What an administrator sets up in Salesforce's own pages; here as JSON under `/ui/settings` (README.md). */
import { randomUUID } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import { convertLead } from './conversion.ts';
import { badRequest } from './errors.ts';
import { field } from './fields.ts';
import { wellFormedId } from './ids.ts';
import type { Sessions } from './access.ts';
import type { Grants } from './oauth.ts';
import type { Writers } from './writing.ts';

const ruleSchema = z.strictObject({
  object: z.string(),
  recordId: z.string().nullable().default(null),
  field: z.string().nullable().default(null),
  on: z.array(z.enum(['create', 'update', 'delete'])).default(['create', 'update']),
  errorCode: z.string().default('FIELD_CUSTOM_VALIDATION_EXCEPTION'),
  message: z.string().default('The value is not allowed.'),
  /** How many writes it refuses; left out: until it is taken away. */
  times: z.number().int().min(1).nullable().default(null),
});
const historySchema = z.strictObject({ object: z.string(), field: z.string(), tracked: z.boolean() });
const fieldSchema = z.strictObject({
  object: z.string(),
  name: z.string().regex(/^\w+$/),
  type: z
    .enum([
      'string',
      'textarea',
      'picklist',
      'multipicklist',
      'boolean',
      'int',
      'double',
      'currency',
      'percent',
      'date',
      'datetime',
      'email',
      'phone',
      'url',
    ])
    .optional(),
  length: z.number().int().min(1).optional(),
  scale: z.number().int().min(0).optional(),
  required: z.boolean().optional(),
  unique: z.boolean().optional(),
  externalId: z.boolean().optional(),
  restricted: z.boolean().optional(),
  options: z.array(z.string()).optional(),
});
const removalSchema = z.strictObject({ object: z.string(), name: z.string() });
const mergeSchema = z.strictObject({ masterId: z.string(), mergedId: z.string() });
const conversionSchema = z.strictObject({
  leadId: z.string(),
  /** Null: an account is made. */
  accountId: z.string().nullable().default(null),
  /** The name of the opportunity; null: none is made. */
  opportunity: z.string().nullable().default(null),
});
const certificateSchema = z.strictObject({ publicKey: z.string() });

async function sent<S extends z.ZodType>(c: Context<VendorEnv>, schema: S): Promise<z.infer<S>> {
  const told = schema.safeParse(await c.req.json());
  if (told.success) return told.data;
  throw badRequest('INVALID_SETTING', z.prettifyError(told.error));
}

export function settingsRoutes(
  app: Hono<VendorEnv>,
  writers: Writers,
  people: { readonly grants: Grants; readonly sessions: Sessions },
): void {
  const { grants, sessions } = people;
  const { org, rules } = writers;
  app.use('/ui/settings/*', async (c, next) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'settings' });
    await next();
  });
  app.post('/ui/settings/certificate', async (c) => {
    const { publicKey } = await sent(c, certificateSchema);
    try {
      grants.register(publicKey);
    } catch {
      throw badRequest('INVALID_SETTING', 'publicKey: expected a public key or a certificate in PEM');
    }
    return c.json({ ok: true });
  });
  app.get('/ui/settings/rules', (c) => c.json({ rules: rules.list() }));
  app.post('/ui/settings/rules', async (c) => {
    const { times, ...rule } = await sent(c, ruleSchema);
    const object = org.schema.object(rule.object);
    const saved = {
      ...rule,
      id: randomUUID(),
      object: object.name,
      recordId: rule.recordId === null ? null : wellFormedId(rule.recordId),
      left: times,
    };
    rules.save(saved);
    return c.json(saved, 201);
  });
  app.delete('/ui/settings/rules/:id', (c) => {
    rules.remove(c.req.param('id'));
    return c.body(null, 204);
  });
  app.post('/ui/settings/history', async (c) => {
    const { object, field: name, tracked } = await sent(c, historySchema);
    const found = org.schema.field(org.schema.object(object), name);
    if (found === undefined) throw badRequest('INVALID_SETTING', `${object} has no field ${name}`);
    org.schema.setTracked(org.schema.object(object).name, found.name, tracked);
    return c.json({ ok: true });
  });
  app.post('/ui/settings/merge', async (c) => {
    const { masterId, mergedId } = await sent(c, mergeSchema);
    const [master, loser] = [masterId, mergedId].map((id) => org.any(wellFormedId(id) ?? undefined));
    const admin = sessions.named('maria');
    const isPair = master?.object === loser?.object && ['Account', 'Contact', 'Lead'].includes(master?.object ?? '');
    if (master?.deletedMs !== null || loser?.deletedMs !== null || admin === null || !isPair || master === loser)
      throw badRequest('INVALID_SETTING', 'expected two live records of Account, Contact or Lead');
    org.transaction(() => org.merge(admin.userId, master, loser));
    Object.assign(c.env.trace, { operation: 'page: merge', effect: 'update', records: 2 });
    return c.json({ ok: true });
  });
  app.post('/ui/settings/convert', async (c) => {
    const { leadId, accountId, opportunity } = await sent(c, conversionSchema);
    const [lead, account] = [leadId, accountId].map((id) => (id === null ? undefined : org.any(wellFormedId(id) ?? undefined)));
    const person = sessions.named('maria');
    const isOpen = lead?.object === 'Lead' && lead.deletedMs === null && lead.values['IsConverted'] !== true;
    if (!isOpen || person === null || (accountId !== null && account?.object !== 'Account'))
      throw badRequest('INVALID_SETTING', 'expected a live lead that is not converted, and an account or none');
    const made = org.transaction(() => convertLead(org, person.userId, { lead, account: account ?? null, opportunity }));
    Object.assign(c.env.trace, { operation: 'page: convert', effect: 'update', records: 1 });
    return c.json(made);
  });
  fieldRoutes(app, writers);
}

/** A custom field made, changed or removed; the options of any picklist. */
function fieldRoutes(app: Hono<VendorEnv>, { org }: Writers): void {
  app.post('/ui/settings/fields', async (c) => {
    const { object: objectName, name, type, ...traits } = await sent(c, fieldSchema);
    const object = org.schema.object(objectName);
    const found = org.schema.field(object, name);
    if (found === undefined && (type === undefined || !name.endsWith('__c')))
      throw badRequest('INVALID_SETTING', `${name}: a new field has a type and a name that ends with __c`);
    const given = Object.fromEntries(Object.entries(traits).filter(([, value]) => value !== undefined));
    const made = found === undefined ? field(name, type ?? 'string', given) : { ...found, ...given, type: type ?? found.type };
    org.schema.setField(object.name, made);
    org.reindex();
    return c.json(made, found === undefined ? 201 : 200);
  });
  app.post('/ui/settings/fields/remove', async (c) => {
    const { object, name } = await sent(c, removalSchema);
    const found = org.schema.field(org.schema.object(object), name);
    if (found === undefined || !found.name.endsWith('__c')) throw badRequest('INVALID_SETTING', `${object} has no custom field ${name}`);
    org.schema.removeField(org.schema.object(object).name, found.name);
    org.reindex();
    return c.json({ ok: true });
  });
}
