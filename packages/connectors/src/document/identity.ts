/**
 * A plan with ids: each row's remote id by its index, and the way to and from the cursor.
 */
import { identify, signaturesOf } from '@lockstep/domain/plan/identify.ts';
import type { Identities, Signature } from '@lockstep/domain/plan/identify.ts';
import { parsePlan } from '@lockstep/domain/plan/parse.ts';
import { PlanError } from '@lockstep/domain/plan/plan-error.ts';
import type { Plan, PlanItem } from '@lockstep/domain/plan/plan.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';

/** A plan and the ids of its items; an item that is waiting for a person has none. */
export interface NamedPlan {
  readonly plan: Plan;
  /** Item index → remote id. */
  readonly idOf: ReadonlyMap<number, string>;
  readonly indexOf: ReadonlyMap<string, number>;
}

export interface Waiting {
  readonly id: string;
  readonly signature: Signature;
}

/** Parses plans, the latest few from memory. `file` is how messages name them. */
export class PlanReader {
  readonly file: string;
  readonly #recent = new Map<string, Plan | ConnectorError>();
  /** The plan as the file was seen last, or null before. */
  latest: Plan | null = null;

  constructor(file: string) {
    this.file = file;
  }

  /** Throws `ConnectorError` `Invalid` with file and line for a text that is not a whole plan. */
  read(text: string): Plan {
    const known = this.#recent.get(text) ?? this.#parse(text);
    this.#keep(text, known);
    if (known instanceof ConnectorError) throw known;
    return known;
  }

  /** Remembers a plan that has been parsed elsewhere. */
  keep(plan: Plan): void {
    this.#keep(plan.text, plan);
  }

  #parse(text: string): Plan | ConnectorError {
    try {
      return parsePlan(text, this.file);
    } catch (error) {
      if (error instanceof PlanError) return new ConnectorError('Invalid', error.message, { cause: error });
      throw error;
    }
  }

  #keep(text: string, plan: Plan | ConnectorError): void {
    this.#recent.delete(text);
    this.#recent.set(text, plan);
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > REMEMBERED && oldest !== undefined) this.#recent.delete(oldest);
  }
}

const REMEMBERED = 4;

/** A plan with the ids that a cursor has for it. Rows at places that the cursor does not name have none. */
export function namedPlan(plan: Plan, ids: readonly (readonly [string, number])[]): NamedPlan {
  const byAnchor = new Map(plan.items.map((item) => [anchorOf(item), item.index]));
  return withIds(
    plan,
    ids.flatMap(([id, anchor]) => {
      const index = byAnchor.get(anchor);
      return index === undefined ? [] : [[index, id] as const];
    }),
  );
}

/** A plan with ids by index. */
export function withIds(plan: Plan, ids: Iterable<readonly [number, string]>): NamedPlan {
  const idOf = new Map(ids);
  return { plan, idOf, indexOf: new Map([...idOf].map(([index, id]) => [id, index])) };
}

/** Ids as a cursor keeps them. */
export function identitiesOf(named: NamedPlan): [string, number][] {
  return [...named.idOf].flatMap(([index, id]) => {
    const item = named.plan.items[index];
    return item === undefined ? [] : [[id, anchorOf(item)] as [string, number]];
  });
}

/** What became of the items of one text in another. */
export interface Recognition {
  readonly named: NamedPlan;
  readonly waiting: readonly Waiting[];
  /** Ids of rows that are new. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Lines that a person must make distinct, a group for each question. */
  readonly ambiguousLines: readonly (readonly number[])[];
  readonly nextId: number;
}

/** Recognises the items of `before` in `plan`; new rows get ids from `nextId` on, or their own (`x:T001`). */
export function recognise(before: NamedPlan, waiting: readonly Waiting[], plan: Plan, nextId: number): Recognition {
  const earlier = [...before.idOf].sort(([left], [right]) => left - right);
  const all = signaturesOf(before.plan);
  const signatures = earlier.flatMap(([index]) => all[index] ?? []);
  const after = signaturesOf(plan);
  const found: Identities = identify(
    signatures,
    after,
    waiting.map((one) => one.signature),
  );
  const idBefore = (index: number): string => earlier[index]?.[1] ?? waiting[index - earlier.length]?.id ?? '';
  const signatureBefore = (index: number): Signature | undefined => signatures[index] ?? waiting[index - earlier.length]?.signature;
  const ids = new Map([...found.same].map(([now, then]) => [now, idBefore(then)]));
  let next = nextId;
  const added = found.added.map((index) => {
    const id = newId(plan.items[index], next);
    if (id === `d${next}`) next += 1;
    ids.set(index, id);
    return id;
  });
  const stillWaiting = found.ambiguous.flatMap((group) =>
    group.before.flatMap((index) => {
      const signature = signatureBefore(index);
      return signature === undefined ? [] : [{ id: idBefore(index), signature }];
    }),
  );
  return {
    named: withIds(plan, ids),
    waiting: stillWaiting,
    added,
    removed: found.removed.map(idBefore),
    ambiguousLines: found.ambiguous.map((group) => group.after.flatMap((index) => plan.items[index]?.line ?? [])),
    nextId: next,
  };
}

/** The id of a new row: its own, else the next of ours. */
export function newId(item: PlanItem | undefined, next: number): string {
  return item?.explicitId === null || item === undefined ? `d${next}` : `x:${item.explicitId}`;
}

function anchorOf(item: PlanItem): number {
  return item.places.title?.span.start ?? item.span.start;
}
