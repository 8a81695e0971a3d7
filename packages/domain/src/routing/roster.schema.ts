/** The roster, roster.yaml: who takes leads, when, how many, and for which part of the world. Names of people are ids here; who they are stands once. */
import { z } from 'zod';
import { readRational } from './rational.ts';

export const idSchema = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, { error: 'expected an id of small letters, digits and hyphens' });
const instantSchema = z.iso.datetime({
  offset: true,
  error: 'expected an ISO 8601 instant with a zone, such as 2026-12-24T12:00:00+01:00',
});
const timeOfDay = (hours: string): RegExp => new RegExp(`^${hours}$`);

export const TIER_NAMES = ['prosumer', 'smb', 'enterprise'] as const;
export const MOTION_NAMES = ['plg', 'slg', 'alg'] as const;
export const ROLES = ['ae', 'sdr', 'csm', 'manager', 'revops'] as const;

/** As `WeeklyBlock` of calendar.ts. */
const blockSchema = z.strictObject({
  /** ISO weekday on which it starts: 1 is Monday. */
  day: z.int().min(1).max(7),
  from: z.string().regex(timeOfDay('([01]\\d|2[0-3]):[0-5]\\d'), { error: 'expected a time of day, 00:00 to 23:59, in quotes' }),
  /** Not after `from`: it ends on the next day (a night shift). */
  to: z.string().regex(timeOfDay('(([01]\\d|2[0-3]):[0-5]\\d|24:00)'), { error: 'expected a time of day, 00:00 to 24:00, in quotes' }),
});

const absenceSchema = z
  .strictObject({
    id: z.string().min(1).max(200),
    from: instantSchema,
    /** Not included. */
    to: instantSchema,
    /** A code, never somebody's words. */
    reason: z.string().regex(/^[a-z][a-z-]{0,39}$/, { error: 'expected a code of small letters and hyphens, such as leave' }),
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), { path: ['to'], error: 'expected an end after its start' });

const personSchema = z.strictObject({
  id: idSchema,
  name: z.string().min(1).max(200),
  email: z.email({ error: 'expected a mail address' }),
  /** `U…` or `W…`; null for who has none. */
  slackUserId: z
    .string()
    .regex(/^[UW][A-Z0-9]{2,}$/, { error: 'expected a Slack user id such as U024BE7LH' })
    .nullable()
    .default(null),
  /** Their owner id in the CRM, by connection. */
  owners: z.record(z.string().min(1), z.string().min(1)).default({}),
  role: z.enum(ROLES),
  manager: idSchema.nullable().default(null),
  /** IANA name. */
  zone: z.string().regex(/^[A-Za-z]+(?:[_/+-][A-Za-z0-9_+-]+)*$/, { error: 'expected an IANA zone such as Europe/Berlin' }),
  week: z.array(blockSchema).max(50),
  /** Whose public holidays they keep: `DE-BY`; null for nobody's. */
  holidays: z
    .string()
    .regex(/^[A-Z]{2}(-[A-Z0-9]{1,3}){0,2}$/, { error: 'expected a region such as DE or DE-BY' })
    .nullable()
    .default(null),
  absences: z.array(absenceSchema).default([]),
  /** Share of their pools' leads against the other members'. */
  weight: z
    .string({ error: 'expected a text such as "1", "0.25" or "1/3"' })
    .max(20)
    .refine((text) => (readRational(text)?.numerator ?? 0n) > 0n, { error: 'expected a fraction above 0 such as "1", "0.25" or "1/3"' })
    .default('1'),
  /** Open leads at most. */
  capacity: z.int().min(0).max(10_000),
  /** Left out: all. */
  tiers: z.array(z.enum(TIER_NAMES)).min(1).optional(),
  motions: z.array(z.enum(MOTION_NAMES)).min(1).optional(),
  /** Takes leads from then on, and until then; null for no end. */
  active: z
    .strictObject({ from: instantSchema.nullable().default(null), to: instantSchema.nullable().default(null) })
    .default({ from: null, to: null }),
});

const poolSchema = z.strictObject({
  id: idSchema,
  role: z.enum(ROLES),
  members: z.array(idSchema).min(1, { error: 'expected at least one member' }),
  /** Takes what nobody here can take. */
  overflow: idSchema.nullable().default(null),
  /** Then this person, */
  manager: idSchema,
  /** and in the end this one: a named human, never "admin". */
  human: idSchema,
});

/** `DE`, or `US-CA` (ISO 3166-2) where a country is divided; `*` for every country that no other territory takes. */
const placeSchema = z
  .string()
  .regex(/^([A-Z]{2}(-[A-Z0-9]{1,3})?|\*)$/, { error: 'expected a country such as DE, a part such as US-CA, or *' });

const territorySchema = z.strictObject({
  id: idSchema,
  places: z.array(placeSchema).min(1),
  /** The segments that it takes; left out: all. */
  tiers: z.array(z.enum(TIER_NAMES)).min(1).optional(),
  /** Who takes leads here, by role. */
  pools: z.partialRecord(z.enum(ROLES), idSchema),
});

/** The roster. Another content needs another version. */
export const rosterSchema = z
  .strictObject({
    version: z.string().min(1).max(100),
    people: z.array(personSchema).min(1),
    pools: z.array(poolSchema).min(1),
    territories: z.array(territorySchema).min(1),
    /** Who gets what no territory takes (`TERRITORY_GAP`, case 16): a named human. */
    territoryGap: idSchema,
  })
  .superRefine((roster, context) => {
    for (const list of ['people', 'pools', 'territories'] as const)
      for (const [index, { id }] of roster[list].entries())
        if (roster[list].findIndex((other) => other.id === id) !== index)
          context.addIssue({ code: 'custom', path: [list, index, 'id'], message: 'expected every id once' });
  });

export type Roster = z.infer<typeof rosterSchema>;
export type Person = z.infer<typeof personSchema>;
export type Pool = z.infer<typeof poolSchema>;
export type Territory = z.infer<typeof territorySchema>;
export type Role = Person['role'];
