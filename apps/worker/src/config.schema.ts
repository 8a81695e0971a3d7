/**
 * The configuration file, version 1. Secrets are never in it: it names where they lie (`env:NAME` or `file:PATH`).
 */
import { principalSchema } from '@lockstep/domain/crm/policy.schema.ts';
import { isZone } from '@lockstep/domain/routing/zone.ts';
import { replayPolicySchema } from '@lockstep/domain/replay/policy.schema.ts';
import { z } from 'zod';

const id = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'expected lower-case letters, digits and hyphens, beginning with a letter');
const secret = z
  .string()
  .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, 'expected env:NAME or file:PATH; secrets do not stand in the configuration itself');
const gate = z.enum(['open', 'plan-first']).default('plan-first');
const vendor = {
  id,
  /** A mapping file; the shipped default of the connector where it is left out. */
  mapping: z.string().min(1).optional(),
  gate,
};
const shared = { ...vendor, webhookSecret: secret.optional() };

const connectionSchema = z.discriminatedUnion('connector', [
  z.strictObject({ id, connector: z.literal('document'), file: z.string().min(1), gate }),
  z.strictObject({ ...shared, connector: z.literal('jira'), baseUrl: z.url(), email: secret, apiToken: secret }),
  z.strictObject({ ...shared, connector: z.literal('notion'), baseUrl: z.url().default('https://api.notion.com'), token: secret }),
  z.strictObject({
    ...shared,
    connector: z.literal('hubspot'),
    baseUrl: z.url().default('https://api.hubapi.com'),
    /** Of a service key or a private app; or, for an app with OAuth, what its consent gave. */
    accessToken: z.union([secret, z.strictObject({ clientId: secret, clientSecret: secret, refreshToken: secret })]),
    /** Id of the app that the token is of, where HubSpot does not tell it (a service key): change sets know their own writes by it. */
    appId: z.string().regex(/^\d+$/, 'expected the number of the app, in quotes').optional(),
  }),
  z.strictObject({
    ...vendor,
    connector: z.literal('salesforce'),
    /** The organisation's My Domain: `https://….my.salesforce.com`. */
    baseUrl: z.url(),
    /** Of an app with the client credentials flow; or of one with a certificate (JWT bearer). */
    auth: z.union([
      z.strictObject({ clientId: secret, clientSecret: secret }),
      z.strictObject({
        clientId: secret,
        username: secret,
        privateKey: secret,
        /** For sandboxes `https://test.salesforce.com`. */
        audience: z.url().default('https://login.salesforce.com'),
      }),
    ]),
  }),
]);

/** How often each account may call the API. */
const api = z.strictObject({
  requestsPerSecond: z.number().min(0.1).max(10_000).default(50),
  burst: z.number().int().min(1).max(100_000).default(500),
});

/** One line: how mail leaves, with the password; parsed by routing-channels.ts. */
const mailSchema = z.strictObject({
  /** `smtps://user:password@host:465`, `smtp://user:password@host:587` (STARTTLS is required), or `smtp://127.0.0.1:1025` of this machine. */
  server: secret,
  from: z.strictObject({
    name: z.string().min(1).max(100).default('Lockstep'),
    address: z.email({ error: 'expected a mail address such as leads@growth.example' }),
  }),
});

const slackSchema = z.strictObject({
  baseUrl: z.url().default('https://slack.com'),
  /** Of the app's bot user. */
  botToken: secret,
  /** Of the app: without it presses of buttons are refused. */
  signingSecret: secret,
  /** The only workspace whose presses count. */
  teamId: z
    .string()
    .regex(/^[TE][A-Z0-9]{2,}$/, 'expected the id of a workspace of Slack such as T024BE7LD')
    .optional(),
});

/** Who may call the API, ask for change sets and approve them, by accounts. */
const principal = principalSchema
  .extend({
    /** The bearer token with which an account speaks to the API. */
    token: secret.optional(),
    /** In its place, where the token itself is to be nowhere here. */
    tokenSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'expected the SHA-256 of the token: 64 hexadecimal digits in lower case')
      .optional(),
    /** From then on the token is refused. */
    expiresAt: z.iso.datetime({ offset: true, error: 'expected an ISO 8601 instant with a zone' }).optional(),
    /** Where the person behind the account is told of change sets: by Slack's id, else by e-mail; in their zone. Of several accounts of a person the first address counts. */
    slackUserId: z
      .string()
      .regex(/^[UW][A-Z0-9]{2,}$/, 'expected a Slack user id such as U024BE7LH')
      .optional(),
    email: z.email({ error: 'expected a mail address such as olga@growth.example' }).optional(),
    zone: z.string().refine(isZone, 'expected an IANA zone such as Europe/Berlin').optional(),
  })
  .superRefine(({ person, slackUserId, email }, context) => {
    if (person === null && (slackUserId !== undefined || email !== undefined))
      context.addIssue({
        code: 'custom',
        path: ['person'],
        message:
          'expected the person whose address it is, got none; give groups and bots members, and the address to an account of each of them',
      });
  });

const changeSets = z.strictObject({
  /** File of the approval policy. Without one, nothing is written to a CRM. */
  policy: z.string().min(1).optional(),
  principals: z.array(principal).default([]),
  /** Where people are told of change sets; left out: as in `routing`. */
  slack: slackSchema.pick({ baseUrl: true, botToken: true }).optional(),
  mail: mailSchema.optional(),
});

const calendarSchema = z.strictObject({
  /** Id of somebody on the roster. */
  member: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected an id of the roster: small letters, digits and hyphens'),
  /** The address of an ICS feed: whoever knows it can read it. `file:` names a file with the address in it. */
  feed: secret.optional(),
  /** Or an ICS file. */
  file: z.string().min(1).optional(),
  /** Which entries are times away: all that take their time, those that say out of office, or every one (the feed of an absence planner). */
  taken: z.enum(['busy', 'out-of-office', 'every']).default('out-of-office'),
});

const stageValues = z.array(z.string().min(1).max(255)).max(50).default([]);

/** Routing of product-qualified leads; left out where nothing is routed. */
const routing = z
  .strictObject({
    scoring: z.string().min(1),
    roster: z.string().min(1),
    policy: z.string().min(1),
    /** The shipped service levels where it is left out. */
    slas: z.string().min(1).optional(),
    /** The connection whose accounts are routed and where decisions are shown; left out: nothing is written to a CRM. */
    crm: id.optional(),
    /**
     * Values of the CRM that are the stages MQL, SQL and opportunity: HubSpot's `lifecyclestage` (its own ones where it is left out), Salesforce's `Lead.Status`
     * (no clock runs between stages where it is left out). A deal or an opportunity is `opportunity` from its making on. `disqualified`: values that end a
     * lead.
     */
    stages: z
      .strictObject({ MQL: stageValues, SQL: stageValues, opportunity: stageValues, disqualified: stageValues })
      .refine((values) => new Set(Object.values(values).flat()).size === Object.values(values).flat().length, {
        error: 'expected every value in one stage only',
      })
      .optional(),
    /** How often the CRM is asked which records have come into another stage. */
    stageSeconds: z.number().int().min(10).max(3_600).default(60),
    /** Who may send product events, besides the API's own token. */
    events: z
      .strictObject({ tokens: z.array(secret).default([]), secrets: z.array(secret).default([]) })
      .default({ tokens: [], secrets: [] }),
    slack: slackSchema.optional(),
    mail: mailSchema.optional(),
    calendars: z.array(calendarSchema).default([]),
    /** How often calendars are read: a time away that comes up while a clock runs is known within it (case 01). */
    calendarSeconds: z.number().int().min(10).max(86_400).default(45),
  })
  .superRefine(({ calendars, slack, mail }, context) => {
    for (const [index, { feed, file }] of calendars.entries())
      if ((feed === undefined) === (file === undefined))
        context.addIssue({ code: 'custom', path: ['calendars', index], message: 'expected either feed or file' });
    if (slack === undefined && mail === undefined)
      context.addIssue({ code: 'custom', path: ['slack'], message: 'expected slack or mail, got neither: nobody would hear of a lead' });
  });

/** One receiver of OTLP over HTTP: an OpenTelemetry Collector, or a vendor's own. */
const telemetry = z.strictObject({
  traces: z.strictObject({
    /** The whole address, such as `http://127.0.0.1:4318/v1/traces`. */
    endpoint: z.url(),
    /** Headers that the receiver wants, such as `authorization`. */
    headers: z.record(z.string().regex(/^[A-Za-z0-9-]+$/, 'expected the name of a header'), secret).default({}),
  }),
});

export const configSchema = z
  .strictObject({
    version: z.literal(1),
    workspace: id,
    /** In order: under the merge rule `order` the first wins. */
    connections: z.array(connectionSchema).min(1),
    pollIntervalSeconds: z.number().int().min(1).max(3600).default(30),
    requestTimeoutSeconds: z.number().int().min(1).max(600).default(30),
    /** What becomes of the children of an item that is deleted: they move up to its parent, or are archived with it (decision 0011). */
    childrenOfDeleted: z.enum(['move-up', 'archive']).default('move-up'),
    /** Time of the nightly full reconciliation, UTC, as a cron expression. */
    reconcileCron: z.string().default('17 2 * * *'),
    changeSets: changeSets.default({ principals: [] }),
    api: api.default({ requestsPerSecond: 50, burst: 500 }),
    routing: routing.optional(),
    /** Where traces go; left out: nothing is traced. */
    telemetry: telemetry.optional(),
    /** What a replay of failed workflows may do without an approval, and how fast. */
    replays: replayPolicySchema.prefault({}),
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
    const accounts = config.changeSets.principals.map(({ id: account }) => account);
    for (const [index, account] of accounts.entries())
      if (accounts.indexOf(account) < index)
        context.addIssue({
          code: 'custom',
          path: ['changeSets', 'principals', index, 'id'],
          message: `expected a distinct id, got ${account} again`,
        });
    for (const [index, { token, tokenSha256, expiresAt }] of config.changeSets.principals.entries()) {
      const path = ['changeSets', 'principals', index];
      if (token !== undefined && tokenSha256 !== undefined)
        context.addIssue({ code: 'custom', path, message: 'expected either token or tokenSha256' });
      if (expiresAt !== undefined && token === undefined && tokenSha256 === undefined)
        context.addIssue({ code: 'custom', path: [...path, 'expiresAt'], message: 'expected token or tokenSha256 beside it' });
    }
    const crm = config.routing?.crm;
    const target = config.connections.find(({ id: connectionId }) => connectionId === crm);
    if (crm !== undefined && target?.connector !== 'hubspot' && target?.connector !== 'salesforce')
      context.addIssue({
        code: 'custom',
        path: ['routing', 'crm'],
        message: `expected the id of a connection to HubSpot or Salesforce, got ${crm}`,
      });
  });

export type Config = z.infer<typeof configSchema>;
export type RoutingConfig = NonNullable<Config['routing']>;
export type ConnectionConfig = z.infer<typeof connectionSchema>;
