import { describe, expect, it } from 'vitest';
import type { CrmObject } from './crm.port.ts';
import { at, CONTACT, image, objectOf, reading, setFields, stepOf, version } from './step.fixture.ts';
import { planUndo } from './undo.ts';

const STEP = setFields({ name: 'old', stage: 'lead' }, { name: 'new', stage: 'customer' });

describe('the undo of fields, by value', () => {
  it('C4 restores what is still ours', () => {
    expect(planUndo({ step: STEP, now: reading({ name: 'new', stage: 'customer' }), history: null })).toEqual({
      operation: { kind: 'set-fields', target: CONTACT, fields: { name: 'old', stage: 'lead' } },
      restored: ['name', 'stage'],
      skipped: [],
      finding: null,
    });
  });

  it('C4 case 33 leaves an owner that a person has changed since, restores the others, and lists it with the three values', () => {
    const step = setFields({ owner: '1', stage: 'lead' }, { owner: '2', stage: 'customer' });
    const plan = planUndo({ step, now: reading({ owner: '3', stage: 'customer' }), history: null });
    expect(plan.operation).toEqual({ kind: 'set-fields', target: CONTACT, fields: { stage: 'lead' } });
    expect(plan.restored).toEqual(['stage']);
    expect(plan.skipped).toEqual([{ field: 'owner', before: '1', ours: '2', now: '3', by: null, at: null, code: 'CONFLICT_HUMAN' }]);
    expect(plan.finding).toMatchObject({ code: 'CONFLICT_HUMAN', fields: ['owner'] });
    expect(plan.finding?.message).toContain('contacts 1');
  });

  it('C4 compares with what the CRM stored, not with what was asked', () => {
    const step = setFields({ phone: null }, { phone: '0171 12' }, { after: image({ phone: '+4917112' }) });
    expect(planUndo({ step, now: reading({ phone: '+4917112' }), history: null }).operation).toMatchObject({ fields: { phone: null } });
    expect(planUndo({ step, now: reading({ phone: '0171 12' }), history: null }).operation).toBeNull();
  });

  it('C9 leaves nothing to do where everything is back already: a plan that is made twice writes once', () => {
    expect(planUndo({ step: STEP, now: reading({ name: 'old', stage: 'lead' }), history: null })).toEqual({
      operation: null,
      restored: [],
      skipped: [],
      finding: null,
    });
  });

  it.each([
    ['', null],
    [null, ''],
    [5, '5'],
    [true, 'true'],
  ])('takes %j and %j for one value', (before, now) => {
    const step = setFields({ name: before }, { name: 'new' });
    expect(planUndo({ step, now: reading({ name: now }), history: null })).toMatchObject({ operation: null, skipped: [] });
  });

  it('C2 keeps the kind of operation, and writes to the record that was read', () => {
    const step = stepOf(
      { kind: 'assign-owner', target: { connectionId: 'crm', object: 'contacts', createdBy: 4 }, fields: { owner: '2' } },
      image({ owner: '1' }),
    );
    expect(planUndo({ step, now: { ...reading({ owner: '2' }), recordId: '99' }, history: null }).operation).toEqual({
      kind: 'assign-owner',
      target: { ...CONTACT, recordId: '99' },
      fields: { owner: '1' },
    });
  });

  it.each(['planned', 'refused', 'undone'] as const)('C2 does nothing for a step that is %s', (state) => {
    expect(planUndo({ step: { ...STEP, state }, now: reading({ name: 'new', stage: 'customer' }), history: null }).operation).toBeNull();
  });

  it.each(['sending', 'done', 'undoing', 'kept', 'stuck'] as const)('C2 takes a step back that is %s', (state) => {
    expect(planUndo({ step: { ...STEP, state }, now: reading({ name: 'new', stage: 'customer' }), history: null }).restored).toHaveLength(
      2,
    );
  });

  it('C1 does nothing for a step without a before-image: it was never sent', () => {
    expect(planUndo({ step: { ...STEP, before: null }, now: reading({ name: 'new', stage: 'customer' }), history: null })).toMatchObject({
      operation: null,
      finding: null,
    });
  });
});

describe('the undo of a field, by history', () => {
  const step = setFields({ name: 'old' }, { name: 'new' });
  const OLD = version('name', 'old', -50, 'maria');
  const OURS = version('name', 'new', 1.5, null);
  const undo = (now: string, ...history: ReturnType<typeof version>[]) => planUndo({ step, now: reading({ name: now }), history });

  it('C4 restores where ours is the newest version, whatever stands of other fields', () => {
    expect(undo('new', version('stage', 'x', 60, 'maria'), OURS, OLD).restored).toEqual(['name']);
  });

  it('C4 leaves a value that a person has set to the same after us: history decides, not the value', () => {
    const plan = undo('new', version('name', 'new', 60, 'maria'), OURS, OLD);
    expect(plan.operation).toBeNull();
    expect(plan.skipped).toEqual([
      { field: 'name', before: 'old', ours: 'new', now: 'new', by: 'maria', at: at(60), code: 'CONFLICT_HUMAN' },
    ]);
  });

  it('C4 tells who has changed it since and when', () => {
    expect(undo('theirs', version('name', 'theirs', 60, 'maria'), OURS, OLD).skipped).toMatchObject([
      { now: 'theirs', by: 'maria', at: at(60) },
    ]);
  });

  it('C4 leaves it where a person came between two of our writes of one value', () => {
    const later = [version('name', 'new', 70, null), version('name', 'mid', 60, null), version('name', 'new', 50, 'maria')];
    expect(undo('new', ...later, OURS, OLD)).toMatchObject({ operation: null, skipped: [{ by: 'maria', at: at(50) }] });
  });

  it('C10 restores where only our own later writes came between, which were undone', () => {
    expect(undo('new', version('name', 'new', 70, null), version('name', 'mid', 60, null), OURS, OLD).restored).toEqual(['name']);
  });

  it('C4 takes an older write of ours with the same value for another one', () => {
    const older = [OLD, version('name', 'new', -70, null), version('name', 'older', -80, 'maria')];
    expect(undo('new', OURS, ...older).restored).toEqual(['name']);
  });

  it.each([-30, 30])('C4 finds our version where the clocks are %i s apart', (seconds) => {
    expect(undo('new', version('name', 'new', 1.5 + seconds, null), OLD).restored).toEqual(['name']);
    const theirs = version('name', 'new', 3 + seconds, 'maria');
    expect(undo('new', theirs, version('name', 'new', 1.5 + seconds, null), OLD).restored).toEqual([]);
  });

  it('C4 goes by the value where the history is behind or does not cover the field', () => {
    expect(undo('new', OLD).restored).toEqual(['name']);
    expect(undo('new').restored).toEqual(['name']);
    expect(undo('theirs').skipped).toMatchObject([{ now: 'theirs', by: null, at: null }]);
  });

  it('C4 leaves it where the history shows somebody else and nothing of ours', () => {
    expect(undo('new', version('name', 'new', 60, 'maria'), OLD).restored).toEqual([]);
    // The value that stood before, set again after us, is not what stood before.
    expect(undo('new', version('name', 'old', 60, 'maria')).restored).toEqual([]);
  });

  it('C4 gives back the edit that our write went over unseen, not what we had compared with', () => {
    const plan = undo('new', OURS, version('name', 'theirs', 0.5, 'maria'), OLD);
    expect(plan.operation).toMatchObject({ fields: { name: 'theirs' } });
    expect(plan.restored).toEqual(['name']);
  });

  it('C4 leaves it where the first of ours since the comparison is another value, and a person has set ours', () => {
    const later = [version('name', 'new', 70, null), version('name', 'mid', 60, null), version('name', 'new', 1, 'maria')];
    expect(undo('new', ...later, OLD)).toMatchObject({ operation: null, skipped: [{ by: 'maria', at: at(1) }] });
  });

  it('C4 knows our write under another spelling where the outcome was never seen and the newest version is ours', () => {
    const unseen = { ...step, state: 'sending', after: null, doneAt: null } as const;
    const now = reading({ name: 'NEW' });
    expect(planUndo({ step: unseen, now, history: [version('name', 'NEW', 1.5, null), OLD] }).restored).toEqual(['name']);
    expect(planUndo({ step: unseen, now, history: [version('name', 'NEW', 1.5, 'maria'), OLD] }).restored).toEqual([]);
    expect(planUndo({ step: unseen, now, history: null }).restored).toEqual([]);
    expect(planUndo({ step, now, history: [version('name', 'NEW', 1.5, null), OLD] }).restored).toEqual([]);
    expect(planUndo({ step: unseen, now, history: [version('name', 'other', 1.5, null), OLD] }).restored).toEqual([]);
  });
});

describe('the undo of fields that the CRM no longer takes', () => {
  const choice = (type: 'choice' | 'choices', options: readonly string[]): CrmObject => ({
    ...objectOf(['name']),
    fields: new Map([
      ['name', { name: 'name', type: 'text', isWritable: true, options: null }],
      ['stage', { name: 'stage', type, isWritable: true, options }],
    ]),
  });
  const now = reading({ name: 'new', stage: 'customer' });
  const undo = (object: CrmObject) => planUndo({ step: STEP, now, history: null, object });

  it('case 50 lists an option that is gone, and restores the rest', () => {
    const plan = undo(choice('choice', ['customer']));
    expect(plan.restored).toEqual(['name']);
    expect(plan.skipped).toEqual([
      { field: 'stage', before: 'lead', ours: 'customer', now: 'customer', by: null, at: null, code: 'FIELD_GONE' },
    ]);
    expect(plan.finding).toMatchObject({ code: 'FIELD_GONE', fields: ['stage'] });
    expect(undo(choice('choice', ['customer', 'lead'])).restored).toEqual(['name', 'stage']);
  });

  it('case 50 lists a field that is gone, that can no longer be written, or that is not shown', () => {
    expect(undo(objectOf(['name'])).finding).toMatchObject({ code: 'FIELD_GONE', fields: ['stage'] });
    const locked = objectOf(['name']);
    const fields = new Map([...locked.fields, ['stage', { name: 'stage', type: 'text', isWritable: false, options: null }] as const]);
    expect(undo({ ...locked, fields }).finding).toMatchObject({ code: 'FIELD_GONE', fields: ['stage'] });
    expect(planUndo({ step: STEP, now: reading({ name: 'new' }), history: null })).toMatchObject({
      restored: ['name'],
      finding: { code: 'FIELD_GONE', fields: ['stage'] },
    });
    expect(planUndo({ step: { ...STEP, before: image({ name: 'old' }) }, now, history: null })).toMatchObject({
      restored: ['name'],
      skipped: [{ field: 'stage', before: null, code: 'FIELD_GONE' }],
    });
  });

  it('case 50 takes an empty value for an option of any choice, and looks at each of several', () => {
    const several = setFields({ stage: 'a;b' }, { stage: 'c' });
    const shown = reading({ stage: 'c' });
    expect(planUndo({ step: several, now: shown, history: null, object: choice('choices', ['a', 'b', 'c']) }).restored).toEqual(['stage']);
    expect(planUndo({ step: several, now: shown, history: null, object: choice('choices', ['a', 'c']) }).restored).toEqual([]);
    for (const empty of [null, '']) {
      const step = setFields({ stage: empty }, { stage: 'c' });
      expect(planUndo({ step, now: shown, history: null, object: choice('choice', ['c']) }).restored).toEqual(['stage']);
    }
  });

  it('case 50 tells of people’s edits first where both are met', () => {
    const plan = planUndo({ step: STEP, now: reading({ name: 'theirs', stage: 'customer' }), history: null, object: objectOf(['name']) });
    expect(plan.finding).toMatchObject({ code: 'CONFLICT_HUMAN', fields: ['name'] });
    expect(plan.skipped.map(({ code }) => code)).toEqual(['CONFLICT_HUMAN', 'FIELD_GONE']);
  });
});

describe('the undo of an undo', () => {
  it('C9 case 52 is the same comparison with the roles changed', () => {
    const undone = planUndo({ step: STEP, now: reading({ name: 'new', stage: 'customer' }), history: null });
    if (undone.operation === null) throw new Error('expected an operation');
    const rollback = stepOf(undone.operation, image({ name: 'new', stage: 'customer' }), { changeSetId: 'rollback' });
    const redo = planUndo({ step: rollback, now: reading({ name: 'old', stage: 'theirs' }), history: null });
    expect(redo.operation).toMatchObject({ fields: { name: 'new' } });
    expect(redo.skipped).toMatchObject([{ field: 'stage', before: 'customer', ours: 'lead', now: 'theirs' }]);
  });
});
