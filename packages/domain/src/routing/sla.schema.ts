/** Service levels as data: when a clock starts and stops, what it counts, and who hears before it runs out. Other modules import the types only. */
import { z } from 'zod';
import { SLA_OF_PEOPLE } from './sla-of-people.ts';
import { namesStage, stageOf, STAGES } from './stage.ts';

const percentSchema = z.int().min(1).max(100);

const rungSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('remind'), atPercent: percentSchema }),
  /** To the next eligible person; the clock goes on. */
  z.strictObject({ do: z.literal('reassign'), atPercent: percentSchema }),
  /** To a person by id: never a group, never "admin". */
  z.strictObject({ do: z.literal('escalate'), atPercent: percentSchema, to: z.string().min(1).max(200) }),
]);

const warningSchema = z.union([
  z.strictObject({ atPercent: percentSchema }),
  /** On the clock, before the budget is used. */
  z.strictObject({ minutesBefore: z.int().positive() }),
]);

export const slaSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
    name: z.string().min(1).max(200),
    /** What starts it: an event's name, or a stage (`stage:MQL`). */
    start: z.string().min(1).max(200),
    /** What stops it: `acknowledged` (a person has said yes), `first-touch`, or a stage. */
    stop: z.string().min(1).max(200).default('acknowledged'),
    /** `business` runs while somebody works. `elapsed` begins with the first covered instant and then runs by the wall, come what may. */
    clock: z.enum(['elapsed', 'business']),
    /** Whose working time is meant. `customer-and-team`: while both work. */
    calendar: z.enum(['owner', 'team', 'customer', 'customer-and-team']),
    budgetMinutes: z
      .int()
      .positive()
      .max(90 * 1_440),
    /** So long before the deadline a named person has to know. */
    bufferMinutes: z.int().positive(),
    warnings: z.array(warningSchema).max(10).default([]),
    ladder: z.array(rungSchema).min(1).max(20),
    /** Nobody covers it for longer than that, by the wall: a named person hears at once. The default is a night, 17:00 to 09:00. */
    longestWaitMinutes: z.int().positive().default(960),
    /** A person has given it to somebody else: it goes on for the new owner, or it is closed. */
    onHandOver: z.enum(['continue', 'close']).default('continue'),
  })
  .superRefine((sla, context) => {
    const say = (path: (string | number)[], message: string): void => context.addIssue({ code: 'custom', path, message });
    for (const name of ['start', 'stop'] as const)
      if (namesStage(sla[name]) && stageOf(sla[name]) === null) say([name], `expected stage:${STAGES.join(', stage:')}, got ${sla[name]}`);
    for (const [index, rung] of sla.ladder.entries()) {
      const before = sla.ladder[index - 1];
      if (before !== undefined && rung.atPercent < before.atPercent)
        say(['ladder', index, 'atPercent'], `expected rungs in the order of time, got ${rung.atPercent} after ${before.atPercent}`);
    }
    const latest = sla.budgetMinutes - sla.bufferMinutes;
    const heard = sla.ladder.some((rung) => rung.do === 'escalate' && rung.atPercent * sla.budgetMinutes <= latest * 100);
    if (!heard)
      say(
        ['ladder'],
        `expected a rung "escalate" at ${Math.max(0, Math.floor((latest * 100) / sla.budgetMinutes))} % or before (budget less buffer), got none: a named person has to hear before the deadline`,
      );
    for (const [index, warning] of sla.warnings.entries())
      if ('minutesBefore' in warning && warning.minutesBefore >= sla.budgetMinutes)
        say(
          ['warnings', index, 'minutesBefore'],
          `expected less than the budget, ${sla.budgetMinutes} minutes, got ${warning.minutesBefore}`,
        );
  });

/** A file of them: every id once. */
export const slaFileSchema = z
  .strictObject({ version: z.string().min(1).max(100), slas: z.array(slaSchema).min(1) })
  .superRefine(({ slas }, context) => {
    for (const [index, { id }] of slas.entries())
      if (slas.findIndex((other) => other.id === id) !== index)
        context.addIssue({ code: 'custom', path: ['slas', index, 'id'], message: `expected every id once, got ${id} again` });
    if (!slas.some(({ id }) => id === SLA_OF_PEOPLE))
      context.addIssue({
        code: 'custom',
        path: ['slas'],
        message: `expected one of the id ${SLA_OF_PEOPLE}: leads that no rule of the policy takes go by it; copy it from examples/routing/slas.yaml`,
      });
  });

export type SlaSpec = z.infer<typeof slaSchema>;
