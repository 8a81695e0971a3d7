/**
 * A model world for C4 and C5: one record, on which our steps, people and other apps write by turns, with writes whose outcome is not seen, edits between
 * compare and write, undos and undos of undos. It knows who has written what, so that the planner is judged without being trusted.
 * For tests only; pure, so that a failing interleaving can be shrunk and replayed from its seed.
 */
import type { CrmFields, CrmValue, Image, Operation, Step } from './change-set.ts';
import type { FieldVersion, Reading } from './crm.port.ts';
import { editsBetween } from './overlooked.ts';
import { tookEffect } from './probe.ts';
import { CONTACT, at } from './step.fixture.ts';
import { planUndo } from './undo.ts';

/** What the CRM is able to. */
export interface Ability {
  readonly hasHistory: boolean;
  /** Whether a write is refused where the record has changed since it was compared. */
  readonly hasPrecondition: boolean;
  /** Whether our writing what is there already is a version. */
  readonly recordsSame: boolean;
  /** The CRM's clock against ours, and whether it tells its own with what it shows. */
  readonly aheadSeconds: number;
  readonly tellsClock: boolean;
}

export interface Edit {
  readonly field: Field;
  readonly value: string;
}

export type Field = 'a' | 'b' | 'c';
export const FIELDS: readonly Field[] = ['a', 'b', 'c'];

/** `lost`: the request did not arrive, and we cannot tell. `unseen`: it did, and we cannot tell. */
export type Fate = 'ok' | 'lost' | 'unseen';

/** `between`: an edit after our comparison and before our write; `after`: one before we look whether a write took effect. */
interface Sending {
  readonly fate: Fate;
  readonly between: Edit | null;
  readonly after: Edit | null;
}

export type Happening =
  | { readonly type: 'edit'; readonly edit: Edit }
  | (Sending & { readonly type: 'write'; readonly fields: Readonly<Partial<Record<Field, string>>> })
  /** Of the step of this number, counted round. */
  | (Sending & { readonly type: 'undo'; readonly step: number });

interface Version extends FieldVersion {
  readonly seconds: number;
}

/** A step, and how often it was undone: an even number of times is ours again. */
interface Ours {
  step: Step;
  readonly depth: number;
  landings: number;
}

const INITIAL: Readonly<Record<Field, string>> = { a: 'v0', b: 'v0', c: 'v0' };

export class World {
  readonly ability: Ability;
  readonly all: Ours[] = [];
  /** What went wrong. */
  readonly violations: string[] = [];
  /** Edits of others that were reported as overwritten by an undo, by their author's id. */
  readonly reported = new Set<string>();
  private readonly versions = new Map<Field, Version[]>();
  private seconds = 0;
  private edits = 0;
  private revision = 0;

  constructor(ability: Ability) {
    this.ability = ability;
    for (const field of FIELDS)
      this.versions.set(field, [{ field, value: INITIAL[field], at: at(-1_000), seconds: -1_000, isOurs: false, by: 'initial' }]);
  }

  happen(happening: Happening): void {
    this.seconds += 1;
    if (happening.type === 'edit') this.edit(happening.edit);
    else if (happening.type === 'write') this.send(happening.fields, 'set-fields', 0, happening);
    else this.undo(happening.step, happening);
  }

  /** Takes back all that is ours, the latest first. */
  undoAll(): void {
    for (const [number, { depth }] of [...this.all.entries()].toReversed()) {
      this.seconds += 1;
      if (depth % 2 === 0) this.undo(number, { fate: 'ok', between: null, after: null });
    }
  }

  value(field: Field): CrmValue {
    return this.newest(field).value;
  }

  /** The newest version that is not ours: what the field would show without us. */
  foreign(field: Field): FieldVersion {
    return this.versions.get(field)?.find((version) => !version.isOurs) ?? this.newest(field);
  }

  /** Left to a person: a write of which nobody can tell whether it took effect, and it did. */
  isStuck(field: Field): boolean {
    return this.all.some((ours) => ours.step.state === 'stuck' && ours.landings > 0 && namesOf(ours).includes(field));
  }

  private newest(field: Field): Version {
    return this.versions.get(field)?.[0] as Version;
  }

  private edit({ field, value }: Edit): void {
    this.edits += 1;
    this.put(field, value, `person-${this.edits}`);
  }

  private put(field: Field, value: CrmValue, by: string | null): void {
    this.revision += 1;
    const when = this.seconds + this.ability.aheadSeconds;
    const version: Version = { field, value, at: at(when), seconds: this.seconds, isOurs: by === null, by };
    this.versions.set(field, [version, ...(this.versions.get(field) ?? [])]);
  }

  private image(fields: readonly string[]): Image {
    const shown = Object.fromEntries(FIELDS.filter((field) => fields.includes(field)).map((field) => [field, this.value(field)]));
    const { tellsClock, aheadSeconds } = this.ability;
    const readAt = at(this.seconds + (tellsClock ? aheadSeconds : 0));
    return { presence: 'present', fields: shown, revision: String(this.revision), readAt };
  }

  private reading(fields: readonly string[]): Reading {
    return { recordId: '1', image: this.image(fields), mergedInto: null };
  }

  private history(): readonly FieldVersion[] | null {
    return this.ability.hasHistory ? [...this.versions.values()].flat() : null;
  }

  /** A step from its before-image to its end, as the engine does it. Whether its effect is known to stand. */
  private send(fields: CrmFields, kind: 'set-fields' | 'assign-owner', depth: number, sending: Sending): boolean {
    const operation: Operation = { kind, target: CONTACT, fields };
    const before = this.image(Object.keys(fields));
    const blank = { createdId: null, doneAt: null, undoneAt: null, finding: null, after: null } as const;
    const step: Step = {
      ...{ changeSetId: 'set', ordinal: this.all.length, operation, reversibility: 'A', state: 'sending', before },
      ...{ ...blank, sentAt: at(this.seconds) },
    };
    const ours: Ours = { step, depth, landings: 0 };
    this.all.push(ours);
    this.seconds += 1;
    if (sending.between !== null) this.edit(sending.between);
    this.seconds += 1;
    if (this.ability.hasPrecondition && before.revision !== String(this.revision)) {
      ours.step = { ...step, state: 'refused' };
      return false;
    }
    if (sending.fate !== 'lost') this.land(ours, fields);
    const after = this.image(Object.keys(fields));
    this.seconds += 1;
    if (sending.fate === 'ok') ours.step = { ...step, state: 'done', after, doneAt: at(this.seconds) };
    else this.probe(ours, fields, sending.after);
    const { state } = ours.step;
    if (state === 'done' && depth % 2 === 1) this.report(ours.step, fields);
    return state === 'done';
  }

  private land(ours: Ours, fields: CrmFields): void {
    const changes = Object.entries(fields).filter(([field, value]) => this.ability.recordsSame || value !== this.value(field as Field));
    for (const [field, value] of changes) this.put(field as Field, value, null);
    ours.landings += changes.length > 0 ? 1 : 0;
    if (ours.landings > 1 && this.ability.hasHistory) this.violations.push('C5: one step, two effects');
  }

  private probe(ours: Ours, fields: CrmFields, later: Edit | null): void {
    if (later !== null) this.edit(later);
    this.seconds += 1;
    const { step } = ours;
    const history = this.history();
    const effect = tookEffect({ step, reading: this.reading(Object.keys(fields)), history });
    const wantsNothing = Object.entries(fields).every(([field, value]) => step.before?.fields[field] === value);
    if (history !== null && !wantsNothing && effect !== (ours.landings > 0 ? 'yes' : 'no'))
      this.violations.push(`C5: ${ours.landings} effects, taken for ${effect}`);
    if (effect === 'yes') ours.step = { ...step, state: 'done', doneAt: at(this.seconds) };
    else if (effect === 'no') this.sendAgain(ours, fields);
    else ours.step = { ...step, state: 'stuck' };
  }

  /** Only where the record shows what was compared. */
  private sendAgain(ours: Ours, fields: CrmFields): void {
    const { step } = ours;
    const isSame = this.ability.hasPrecondition
      ? step.before?.revision === String(this.revision)
      : Object.keys(fields).every((field) => step.before?.fields[field] === this.value(field as Field));
    if (!isSame) {
      ours.step = { ...step, state: 'refused' };
      return;
    }
    this.land(ours, fields);
    this.seconds += 1;
    ours.step = { ...step, state: 'done', after: this.image(Object.keys(fields)), doneAt: at(this.seconds) };
  }

  private report({ before, sentAt, doneAt }: Step, fields: CrmFields): void {
    if (before === null || sentAt === null || doneAt === null) return;
    for (const { by } of editsBetween({ before, ours: fields, history: this.history(), sentAt, doneAt }))
      if (by !== null) this.reported.add(by);
  }

  private undo(number: number, sending: Sending): void {
    const ours = this.latestOver(number % Math.max(1, this.all.length));
    // A person looks at what is stuck.
    if (ours === undefined || ours.step.state === 'stuck') return;
    const names = namesOf(ours);
    const plan = planUndo({ step: ours.step, now: this.reading(names), history: this.history() });
    if (plan.operation === null || !('fields' in plan.operation)) {
      if (ours.step.state === 'done') ours.step = { ...ours.step, state: plan.finding === null ? 'undone' : 'kept' };
      return;
    }
    for (const field of FIELDS) if (field in plan.operation.fields) this.judgeRestore(field, ours.step);
    if (this.send(plan.operation.fields, 'set-fields', ours.depth + 1, sending)) ours.step = { ...ours.step, state: 'undone' };
  }

  /** C10: undo runs in reverse order, so that what a later step of ours has written over a step goes first. */
  private latestOver(number: number): Ours | undefined {
    const asked = this.all[number];
    if (asked === undefined) return undefined;
    const names = namesOf(asked);
    const later = this.all.findLast(({ step, depth }, index) => {
      if (index <= number || depth % 2 === 1 || step.state !== 'done') return false;
      return 'fields' in step.operation && Object.keys(step.operation.fields).some((name) => names.includes(name));
    });
    return later === undefined ? asked : this.latestOver(this.all.indexOf(later));
  }

  /** C4: what an undo is about to write over must be ours. */
  private judgeRestore(field: Field, { operation }: Step): void {
    const { isOurs, value, by } = this.newest(field);
    const wrote = 'fields' in operation ? operation.fields[field] : undefined;
    const mayGo = this.ability.hasHistory ? isOurs : isOurs || value === wrote;
    if (!mayGo) this.violations.push(`C4: ${field}: an undo would overwrite the edit of ${by}`);
  }
}

function namesOf({ step }: Ours): readonly string[] {
  return 'fields' in step.operation ? Object.keys(step.operation.fields) : [];
}
