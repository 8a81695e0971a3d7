import { describe, expect, it } from 'vitest';
import type { Image, Operation, Step } from './change-set.ts';
import { at, CONTACT, image, reading, setFields, stepOf, version } from './step.fixture.ts';
import { planUndo } from './undo.ts';

const DEAL = { connectionId: 'crm', object: 'deals', recordId: '9' };
const NOTHING = { operation: null, restored: [], skipped: [], finding: null };

describe('the undo of a create', () => {
  const operation = { kind: 'create', connectionId: 'crm', object: 'contacts', fields: { name: 'x', note: '' }, associations: [] } as const;
  const blank = image({ name: null, note: null }, { presence: 'absent' });
  const step = stepOf(operation, blank, { createdId: '7', reversibility: 'C' });
  const shown = (fields: Image['fields'], hasHumanContent?: boolean) => ({
    ...reading(fields),
    recordId: '7',
    ...(hasHumanContent === undefined ? {} : { hasHumanContent }),
  });
  const ARCHIVE = { kind: 'archive', target: { ...CONTACT, recordId: '7' } };

  it.each(['create', 'create-task'] as const)('C4 archives what a %s has made, where nobody has worked on it', (kind) => {
    const made: Step = { ...step, operation: { ...operation, kind } };
    expect(planUndo({ step: made, now: shown({ name: 'x', note: null }, false), history: null })).toEqual({
      ...NOTHING,
      operation: ARCHIVE,
    });
    expect(planUndo({ step: { ...made, before: null }, now: shown({ name: 'x' }, false), history: null }).operation).toEqual(ARCHIVE);
  });

  it('C4 case 47 leaves a record on which people have written notes', () => {
    const plan = planUndo({ step, now: shown({ name: 'x', note: null }, true), history: null });
    expect(plan).toMatchObject({ operation: null, finding: { code: 'HAS_HUMAN_CONTENT', fields: [] } });
    expect(plan.finding?.message).toContain('contacts 7');
  });

  it('C4 case 47 leaves a record of which nobody has asked whether people have written on it', () => {
    expect(planUndo({ step, now: shown({ name: 'x', note: null }), history: null }).finding?.code).toBe('HAS_HUMAN_CONTENT');
  });

  it.each([
    ['changed', { name: 'theirs', note: null }, { field: 'name', ours: 'x', now: 'theirs' }],
    ['emptied', { name: null, note: null }, { field: 'name', ours: 'x', now: null }],
    ['filled in', { name: 'x', note: 'theirs' }, { field: 'note', ours: '', now: 'theirs' }],
  ])('C4 case 47 leaves a record of which a field was %s by somebody', (_, fields, skipped) => {
    const plan = planUndo({ step, now: shown(fields, false), history: null });
    expect(plan).toMatchObject({ operation: null, restored: [], finding: { code: 'HAS_HUMAN_CONTENT', fields: [skipped.field] } });
    expect(plan.skipped).toEqual([{ ...skipped, before: null, by: null, at: null, code: 'HAS_HUMAN_CONTENT' }]);
  });

  it('C4 case 47 goes by the history, where a person has set the same value', () => {
    const history = [version('name', 'x', 50, 'maria'), version('name', 'x', 1.5, null)];
    expect(planUndo({ step, now: shown({ name: 'x', note: null }, false), history })).toMatchObject({
      operation: null,
      skipped: [{ field: 'name', by: 'maria', at: at(50), code: 'HAS_HUMAN_CONTENT' }],
    });
    expect(planUndo({ step, now: shown({ name: 'x', note: null }, false), history: history.slice(1) }).operation).toEqual(ARCHIVE);
  });

  it.each(['absent', 'archived'] as const)('C2 does nothing where the record is %s', (presence) => {
    expect(planUndo({ step, now: { ...reading({}, { image: { presence } }), recordId: '7' }, history: null })).toEqual(NOTHING);
  });
});

describe('the undo of an association', () => {
  const association = { to: DEAL, label: 'buyer' };
  const stepFor = (kind: 'associate' | 'dissociate', stood: boolean | undefined): Step =>
    stepOf({ kind, target: CONTACT, association }, image({}, stood === undefined ? {} : { isAssociated: stood }));
  const shown = (stands: boolean | undefined) => reading({}, { image: stands === undefined ? {} : { isAssociated: stands } });

  it.each([
    ['associate', false, true, 'dissociate'],
    ['associate', false, false, null],
    ['associate', true, true, null],
    ['dissociate', true, false, 'associate'],
    ['dissociate', true, true, null],
    ['dissociate', false, false, null],
  ] as const)('C4 of an %s, stood before: %s, stands now: %s → %s', (kind, stood, stands, expected) => {
    const plan = planUndo({ step: stepFor(kind, stood), now: shown(stands), history: null });
    expect(plan).toEqual({ ...NOTHING, operation: expected === null ? null : { kind: expected, target: CONTACT, association } });
  });

  it.each([
    [undefined, true],
    [false, undefined],
  ])('C3 says so where it was not told whether it stood (%s) and stands (%s)', (stood, stands) => {
    const plan = planUndo({ step: stepFor('associate', stood), now: shown(stands), history: null });
    expect(plan).toMatchObject({ operation: null, finding: { code: 'INVALID' } });
  });

  it('case 48 names the record that an earlier step has created, where its id is known', () => {
    const to = { connectionId: 'crm', object: 'deals', createdBy: 2 };
    const step = stepOf({ kind: 'associate', target: CONTACT, association: { to, label: null } }, image({}, { isAssociated: false }));
    const undo = (created?: ReadonlyMap<number, string>) =>
      planUndo({ step, now: shown(true), history: null, ...(created === undefined ? {} : { created }) }).operation;
    expect(undo(new Map([[2, '9']]))).toMatchObject({ association: { to: DEAL, label: null } });
    expect(undo(new Map([[3, '9']]))).toMatchObject({ association: { to } });
    expect(undo()).toMatchObject({ association: { to } });
  });
});

describe('the undo of an archive and of a restore', () => {
  const archive = stepOf({ kind: 'archive', target: CONTACT }, image({}));
  const restore = stepOf({ kind: 'restore', target: CONTACT }, image({}, { presence: 'archived' }));
  const shown = (presence: Image['presence']) => reading({}, { image: { presence } });

  it('C4 brings an archived record back, once', () => {
    expect(planUndo({ step: archive, now: shown('archived'), history: null })).toEqual({
      ...NOTHING,
      operation: { kind: 'restore', target: CONTACT },
    });
    expect(planUndo({ step: archive, now: shown('present'), history: null })).toEqual(NOTHING);
  });

  it('C2 does nothing where the record was in the bin before', () => {
    const step = { ...archive, before: image({}, { presence: 'archived' }) };
    expect(planUndo({ step, now: shown('archived'), history: null })).toEqual(NOTHING);
    const restored = { ...restore, before: image({}) };
    expect(planUndo({ step: restored, now: shown('present'), history: null })).toEqual(NOTHING);
  });

  it('C3 says so where the bin was emptied', () => {
    expect(planUndo({ step: archive, now: shown('absent'), history: null })).toMatchObject({ operation: null, finding: { code: 'GONE' } });
  });

  it('case 52 archives again what a rollback has brought back, unless somebody has changed it since', () => {
    const undo = (...history: ReturnType<typeof version>[]) => planUndo({ step: restore, now: shown('present'), history });
    expect(undo(version('name', 'x', -5, 'maria'), version('name', 'y', 50, null)).operation).toEqual({ kind: 'archive', target: CONTACT });
    expect(undo(version('name', 'x', 50, 'maria'), version('name', 'y', 40, 'maria'))).toMatchObject({
      operation: null,
      finding: { code: 'HAS_HUMAN_CONTENT', fields: ['name'] },
    });
    expect(planUndo({ step: restore, now: shown('archived'), history: null })).toEqual(NOTHING);
  });

  it('case 48 takes a record that came back under a new id for a new one: people’s content on it stays', () => {
    const step = { ...restore, createdId: '77' };
    const now = { ...shown('present'), recordId: '77' };
    expect(planUndo({ step, now: { ...now, hasHumanContent: false }, history: null }).operation).toEqual({
      kind: 'archive',
      target: { ...CONTACT, recordId: '77' },
    });
    expect(planUndo({ step, now: { ...now, hasHumanContent: true }, history: null }).finding?.code).toBe('HAS_HUMAN_CONTENT');
    expect(planUndo({ step, now, history: null }).finding?.code).toBe('HAS_HUMAN_CONTENT');
  });
});

describe('what an undo leaves to people', () => {
  const step = setFields({ name: 'old', stage: null }, { name: 'new', stage: 'customer' });
  const ASSOCIATE: Operation = { kind: 'associate', target: CONTACT, association: { to: DEAL, label: null } };

  it.each([
    ['names the other record', { mergedInto: '42' }, 'record 42'],
    ['also where the other is not known', { image: { presence: 'merged' as const } }, 'another record'],
  ])('case 46 two records that were merged: a plan for a person, with all values; it %s', (_, rest, named) => {
    const plan = planUndo({ step, now: reading({ name: 'new', stage: 'theirs' }, rest), history: null });
    expect(plan).toMatchObject({ operation: null, restored: [], finding: { code: 'MERGED', fields: ['name', 'stage'] } });
    expect(plan.finding?.message).toContain(named);
    expect(plan.skipped).toEqual([
      { field: 'name', before: 'old', ours: 'new', now: 'new', by: null, at: null, code: 'MERGED' },
      { field: 'stage', before: null, ours: 'customer', now: 'theirs', by: null, at: null, code: 'MERGED' },
    ]);
  });

  it('case 46 the plan for a person shows what the CRM had stored, or what was sent where that was never seen', () => {
    const ours = (after: Step['after']) =>
      planUndo({ step: { ...step, after }, now: reading({}, { mergedInto: '42' }), history: null }).skipped.map((one) => one.ours);
    expect(ours(image({ name: 'NEW' }))).toEqual(['NEW', 'customer']);
    expect(ours(null)).toEqual(['new', 'customer']);
  });

  it.each([['archive'], ['restore'], ['associate'], ['create']])('case 46 a merged record is left by the undo of an %s, too', (kind) => {
    const operations: Readonly<Record<string, Operation>> = {
      archive: { kind: 'archive', target: CONTACT },
      restore: { kind: 'restore', target: CONTACT },
      associate: ASSOCIATE,
      create: { kind: 'create', connectionId: 'crm', object: 'contacts', fields: {}, associations: [] },
    };
    const merged = stepOf(operations[kind] ?? ASSOCIATE, image({}));
    expect(planUndo({ step: merged, now: reading({}, { mergedInto: '42' }), history: null })).toMatchObject({
      operation: null,
      finding: { code: 'MERGED' },
    });
  });

  it.each([
    ['archived', 'archived'],
    ['absent', 'no longer there'],
  ] as const)('C3 a record that is %s since', (presence, said) => {
    const now = reading({}, { image: { presence } });
    const plan = planUndo({ step, now, history: null });
    expect(plan).toMatchObject({ operation: null, finding: { code: 'GONE', fields: ['name', 'stage'] } });
    expect(plan.skipped).toMatchObject([{ code: 'GONE', now: null }, { code: 'GONE' }]);
    expect(plan.finding?.message).toContain(said);
    expect(planUndo({ step: stepOf(ASSOCIATE, image({}, { isAssociated: false })), now, history: null }).finding?.code).toBe('GONE');
  });

  it('C3 class D is not undone, and says why', () => {
    const plan = planUndo({ step: { ...step, reversibility: 'D' }, now: reading({ name: 'new', stage: 'customer' }), history: null });
    expect(plan).toMatchObject({ operation: null, finding: { code: 'IRREVERSIBLE', fields: ['name', 'stage'] } });
    expect(plan.skipped).toMatchObject([
      { field: 'name', before: 'old', ours: 'new', now: 'new', code: 'IRREVERSIBLE' },
      { field: 'stage' },
    ]);
    expect(plan.finding?.message).toContain('class D');
  });

  it('C2 class D that never took effect leaves nothing to do', () => {
    const irreversible = { reversibility: 'D' } as const;
    const noneOf = (one: Step, now: ReturnType<typeof reading>) =>
      planUndo({ step: { ...one, ...irreversible }, now, history: null }).finding;
    expect(noneOf(step, reading({ name: 'old', stage: '' }))).toBeNull();
    expect(noneOf(step, reading({ name: 'old', stage: 'customer' }))?.code).toBe('IRREVERSIBLE');
    expect(noneOf(step, reading({ name: 'old', stage: null }, { image: { presence: 'archived' } }))?.code).toBe('IRREVERSIBLE');
    const archive = stepOf({ kind: 'archive', target: CONTACT }, image({}));
    expect(noneOf(archive, reading({}))).toBeNull();
    expect(noneOf(archive, reading({}, { image: { presence: 'absent' } }))?.code).toBe('IRREVERSIBLE');
    const create = stepOf({ kind: 'create', connectionId: 'crm', object: 'deals', fields: {}, associations: [] }, null);
    expect(noneOf(create, reading({}, { image: { presence: 'absent' } }))).toBeNull();
    expect(noneOf(create, reading({}))?.code).toBe('IRREVERSIBLE');
  });

  it('C12 no message holds a value', () => {
    const findings = [
      planUndo({ step, now: reading({ name: 'theirs', stage: 'x' }), history: null }),
      planUndo({ step, now: reading({ name: 'theirs', stage: 'x' }, { mergedInto: '42' }), history: null }),
      planUndo({ step, now: reading({}, { image: { presence: 'absent' } }), history: null }),
      planUndo({ step: { ...step, reversibility: 'D' }, now: reading({ name: 'new', stage: 'x' }), history: null }),
    ].map(({ finding }) => finding?.message ?? '');
    for (const message of findings) {
      expect(message).not.toBe('');
      expect(message).not.toMatch(/\b(old|new|theirs|customer)\b/u);
    }
  });
});
