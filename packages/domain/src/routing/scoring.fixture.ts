import { scoringSchema } from './score.schema.ts';
import type { ScoringSpec } from './score.schema.ts';

/** A spec whose numbers are easy to follow: 10 points an invitation up to 30, halved every 10 days. */
export const SCORING: ScoringSpec = scoringSchema.parse({
  version: 'test-1',
  events: [
    { id: 'invited', event: 'Teammate Invited', points: 10, cap: 30, halfLifeDays: 10 },
    { id: 'big-import', event: 'Data Imported', where: { rows: { gte: 1_000 } }, points: 20, cap: 20, halfLifeDays: 5 },
    { id: 'pricing', event: 'Pricing Viewed', points: 5, cap: 15, halfLifeDays: 1 },
  ],
  fit: [
    { id: 'industry', when: { industry: ['software', 'finance'] }, points: 8 },
    { id: 'student', when: { plan: 'student' }, points: -50 },
  ],
  tiers: {
    prosumer: { threshold: 40 },
    smb: { when: { employees: { gte: 10 } }, threshold: 30 },
    enterprise: { when: { employees: { gte: 1_000 } }, threshold: 20 },
  },
});
