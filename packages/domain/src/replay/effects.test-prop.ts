import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectsOf, sumOfEffects, unsafeActivities } from './effects.ts';
import type { Settled } from './effects.ts';
import { anyTasks, outlineOf } from './outline.fixture.ts';
import { planHash } from './plan-hash.ts';
import { judgeReplay } from './policy.ts';
import { settledAccount, settledOutbox, settledSet } from './settled.ts';

const count = fc.nat({ max: 5 });
const settled: fc.Arbitrary<Settled> = fc.record({ applyBatch: fc.record({ doneByKey: count, willRun: count, unsafe: fc.constant(0) }) });
const shown = (effects: ReturnType<typeof effectsOf>) => effects.reduce((sum, effect) => sum + effect.shown, 0);

describe('the effects of a replay', () => {
  it('81 every call behind the point is told, none before it is, and an earlier point never tells fewer', () => {
    fc.assert(
      fc.property(anyTasks, settled, fc.nat(), (tasks, word, chosen) => {
        const outline = outlineOf(tasks);
        const ids = outline.flatMap(({ id, kind }) => (kind === 'task-completed' ? [id] : []));
        if (ids.length === 0) return;
        const at = chosen % ids.length;
        const effects = effectsOf('changeSet', outline, ids[at] ?? 0, word);
        expect(shown(effects)).toBe(tasks.slice(at).flat().length);
        const earlier = effectsOf('changeSet', outline, ids[0] ?? 0, word);
        for (const effect of effects)
          expect(earlier.find(({ activity }) => activity === effect.activity)?.shown).toBeGreaterThanOrEqual(effect.shown);
      }),
    );
  });

  it('81 what reads or writes under our own keys is never unsafe; what nobody knows is, once a call', () => {
    fc.assert(
      fc.property(anyTasks, settled, (tasks, word) => {
        for (const { activity, shown: calls, unsafe } of effectsOf('changeSet', outlineOf(tasks), 0, word))
          expect([activity, unsafe]).toEqual([activity, ['ofAnotherVersion', 'constructor'].includes(activity) ? calls : 0]);
      }),
    );
  });

  it('81 one more target or unsafe effect never needs less approval, and another plan has another hash', () => {
    const targets = fc.array(
      anyTasks.map((tasks) => ({
        ...{ workflowId: 'change-set/w/cs', workflowType: 'changeSet' as const, runId: 'run', resetEventId: 4 },
        effects: effectsOf('changeSet', outlineOf(tasks), 0, {}),
      })),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(targets, targets, count, (some, more, approvalAbove) => {
        const judged = judgeReplay(some, { approvalAbove }, 'human');
        const all = judgeReplay([...some, ...more], { approvalAbove }, 'human');
        expect(all.reasons).toEqual(expect.arrayContaining([...judged.reasons]));
        expect(judged.decision === 'review').toBe(some.length > approvalAbove || unsafeActivities(some).length > 0);
        expect(planHash([...some, ...more]) === planHash(some)).toBe(more.length === 0);
        expect(sumOfEffects([...some, ...more]).map(({ unsafe }) => unsafe)).toEqual(
          sumOfEffects([...more, ...some]).map(({ unsafe }) => unsafe),
        );
      }),
    );
  });

  it('81 the hash changes with a run, a point and an effect, and with nothing else', () => {
    const effects = [{ activity: 'applyBatch', shown: 1, doneByKey: 1, willRun: 0, unsafe: 0 }];
    const one = { workflowId: 'change-set/w/cs', workflowType: 'changeSet' as const, runId: 'run', resetEventId: 4, effects };
    const others = [
      { ...one, runId: 'run-2' },
      { ...one, resetEventId: 7 },
      { ...one, effects: [{ activity: 'applyBatch', shown: 1, doneByKey: 0, willRun: 1, unsafe: 0 }] },
      { ...one, workflowId: 'change-set/w/cs-2' },
    ];
    expect(new Set([one, ...others].map((target) => planHash([target]))).size).toBe(5);
    expect(planHash([{ ...one, ...{ state: 'planned', ordinal: 3 } }])).toBe(planHash([one]));
  });

  it('81 an agent always asks; nobody is asked about nothing', () => {
    const target = { effects: [] };
    expect(judgeReplay([target], { approvalAbove: 10 }, 'agent')).toEqual({ decision: 'review', reasons: ['AGENT_ASKS'] });
    expect(judgeReplay([target], { approvalAbove: 0 }, 'human')).toEqual({ decision: 'review', reasons: ['MANY_TARGETS'] });
    expect(judgeReplay([], { approvalAbove: 0 }, 'agent').decision).toBe('go');
  });
});

describe("the store's word", () => {
  it('81 a step that is done, or may be, is recognised, and a notice that is owed; one that is planned will run; a set that is taken back undoes what is done', () => {
    const steps = { planned: 3, sending: 1, done: 2, refused: 1, kept: 1, undone: 4 };
    const tellPeople = { doneByKey: 2, willRun: 0, unsafe: 0 };
    expect(settledSet({ state: 'applying', steps, notices: 2 })).toEqual({
      tellPeople,
      applyBatch: { doneByKey: 4, willRun: 3, unsafe: 0 },
    });
    expect(settledSet({ state: 'compensating', steps, notices: 2 })).toEqual({
      tellPeople,
      compensateBatch: { doneByKey: 5, willRun: 3, unsafe: 0 },
    });
    expect(settledOutbox({ owed: 2, sending: 1 })).toEqual({ pushPage: { doneByKey: 1, willRun: 2, unsafe: 0 } });
  });

  it('81 a notice that may be on its way is unsafe where a channel cannot be looked through', () => {
    const counts = { delivered: 2, tried: 1, owed: 3, writesStarted: 1, writesOwed: 1 };
    expect(settledAccount(counts, true)['tell']).toEqual({ doneByKey: 3, willRun: 3, unsafe: 0 });
    expect(settledAccount(counts, false)['tell']).toEqual({ doneByKey: 2, willRun: 3, unsafe: 1 });
  });
});
