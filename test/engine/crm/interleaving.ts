/** One random interleaving of our writes with people, other apps, failures and edits between compare and write; and what must hold after it. */
import type { KeptField, SetCause, Step } from '@lockstep/domain/crm/change-set.ts';
import type { FieldVersion } from '@lockstep/domain/crm/crm.port.ts';
import { applyBatch } from '@lockstep/engine/crm/apply.ts';
import { judgeSet } from '@lockstep/engine/crm/judging.ts';
import { acquire } from '@lockstep/engine/crm/leasing.ts';
import { refreshSet } from '@lockstep/engine/crm/refreshing.ts';
import { planRollback } from '@lockstep/engine/crm/rollback.ts';
import { commitSet, verifySet } from '@lockstep/engine/crm/verifying.ts';
import { CRM, editBetween, setFields, untilDone, WAIT_MS } from './bench.ts';
import type { Bench } from './bench.ts';

const FIELDS = ['jobtitle', 'company'] as const;

interface Place {
  readonly record: 0 | 1;
  readonly field: 0 | 1;
}

/** What happens next. Every value that is written is a new one, so that it tells who wrote it. */
export type Happening =
  | ({ readonly type: 'person' | 'app' } & Place)
  | ({ readonly type: 'race'; readonly on: 'read' | 'update'; readonly skip: number } & Place)
  | { readonly type: 'fault'; readonly kind: 'lose-request' | 'lose-answer' | 'cut' | 'throttle'; readonly on: 'read' | 'update' }
  | { readonly type: 'set'; readonly steps: readonly Place[]; readonly end: 'commit' | 'cancel' | 'partly' }
  | { readonly type: 'rollback'; readonly latest: 1 | 2 };

const PATHS = { read: '/contacts/batch/read', update: '/contacts/batch/update$' } as const;
const EPOCH = '2020-01-01T00:00:00.000Z';

export class Interleaving {
  readonly wrong: string[] = [];
  private readonly bench: Bench;
  private readonly ids: readonly string[];
  private readonly sets: string[] = [];
  private readonly committed: string[] = [];
  private readonly seq: number;
  private static values = 0;

  private constructor(bench: Bench, ids: readonly string[]) {
    this.bench = bench;
    this.ids = ids;
    this.seq = bench.served.log.lastSeq();
  }

  static async begin(bench: Bench): Promise<Interleaving> {
    const ids = [await bench.contacts(1, { jobtitle: value('p'), company: value('p') }), await bench.contacts(1, { jobtitle: value('p') })];
    return new Interleaving(bench, ids.flat());

    function value(author: string): string {
      return `${author}${(Interleaving.values += 1)}`;
    }
  }

  async happen(happening: Happening): Promise<void> {
    const { bench } = this;
    bench.advance(1_000);
    switch (happening.type) {
      case 'person':
        return bench.person.edit('contacts', this.idOf(happening), this.edit(happening, 'p'));
      case 'app':
        return void (await bench.person.ask('PATCH', `/crm/objects/2026-09/contacts/${this.idOf(happening)}`, {
          properties: this.edit(happening, 'a'),
        }));
      case 'race':
        return bench.fault(PATHS[happening.on], editBetween('contacts', this.idOf(happening), this.edit(happening, 'r')), {
          skip: happening.skip,
        });
      case 'fault':
        return bench.fault(
          PATHS[happening.on],
          happening.kind === 'throttle' ? { kind: 'throttle', status: 429, retryAfterSeconds: null } : { kind: happening.kind },
        );
      case 'set':
        return this.set(happening);
      case 'rollback':
        return this.rollBack(this.committed.slice(-happening.latest));
    }
  }

  private async set({ steps, end }: Extract<Happening, { type: 'set' }>): Promise<void> {
    const operations = steps.map((place) => setFields(this.idOf(place), this.edit(place, 's')));
    const id = await this.again(() => this.bench.plan(operations));
    this.sets.push(id);
    await this.drive(id, end);
  }

  private async rollBack(changeSetIds: readonly string[]): Promise<void> {
    if (changeSetIds.length === 0) return;
    const { engine, now } = this.bench;
    const changeSetId = `rollback-${(Interleaving.values += 1)}`;
    const asked = { changeSetId, selection: { changeSetIds }, requestedBy: 'ops', actorKind: 'human', reason: 'a test' } as const;
    await this.again(() => planRollback(engine, asked, now()));
    this.sets.push(changeSetId);
    await this.drive(changeSetId, 'commit');
  }

  private async drive(id: string, end: 'commit' | 'cancel' | 'partly'): Promise<void> {
    const { engine, now } = this.bench;
    if (!(await this.admit(id))) return this.takeBack(id, 'policy');
    if (end === 'partly') {
      await this.again(() => applyBatch(engine, id, now()));
      return this.takeBack(id, 'cancelled');
    }
    const { cause } = await this.bench.applyAll(id);
    if (cause !== null || end === 'cancel') return this.takeBack(id, cause ?? 'cancelled');
    const verified = await this.again(() => verifySet(engine, id, now()));
    if (verified.cause !== null) return this.takeBack(id, verified.cause);
    await commitSet(engine, id, now());
    this.committed.push(id);
  }

  private async admit(id: string): Promise<boolean> {
    const { engine, now } = this.bench;
    for (;;) {
      const { decision } = await this.again(() => judgeSet(engine, id, now()));
      if (decision !== 'go') return false;
      await acquire(engine, id, now());
      const { outcome } = await this.again(() => refreshSet(engine, id, now()));
      if (outcome === 'same') return true;
    }
  }

  /** Everything that was ours goes back (100 % of what is exact). */
  private async takeBack(id: string, cause: SetCause): Promise<void> {
    await this.bench.takeBack(id, cause);
    const kept = await this.bench.kept(id);
    for (const step of await this.steps(id)) {
      if (step.doneAt === null || step.state !== 'undone' || !('fields' in step.operation) || !('target' in step.operation)) continue;
      const { target, fields } = step.operation;
      if (!('recordId' in target)) continue;
      const shown = await this.again(() => this.bench.shows('contacts', target.recordId, ...Object.keys(fields)));
      for (const [field, value] of Object.entries(fields))
        if (shown[field] === value && !kept.some((one) => one.step.ordinal === step.ordinal && one.field === field))
          this.wrong.push(`${id}/${step.ordinal}: expected ${field} to be taken back, got ${String(value)}`);
    }
  }

  /** Looks at HubSpot's own history and request log, and at our records. */
  async settle(): Promise<readonly string[]> {
    const { bench } = this;
    bench.served.faults.clear();
    const steps = (await Promise.all(this.sets.map((id) => this.steps(id)))).flat();
    const kept = (await Promise.all(this.sets.map((id) => bench.kept(id)))).flat();
    const histories = await bench.engine.crms
      .get(CRM)
      ?.history({ object: 'contacts', recordIds: this.ids, fields: FIELDS, sinceIso: EPOCH });
    for (const recordId of this.ids)
      for (const field of FIELDS) {
        const versions = (histories?.get(recordId) ?? []).filter((version) => version.field === field).toReversed();
        this.wrong.push(...overwritten(recordId, versions, steps, kept));
      }
    const holders = await bench.store.snapshot((reader) => reader.leaseHolders());
    if (holders.length > 0) this.wrong.push(`expected no lease, got ${holders.length}`);
    const { updates } = bench.served.log.counts({ tool: 'hubspot', account: 'lockstep', after: this.seq });
    const entries = await bench.auditOutcomes();
    const done = entries.filter((entry) => entry === 'set-fields done' || entry === 'undo done').length;
    // An undo whose answer was lost, and over which somebody has written since, is on record as unknown.
    const unknown = entries.filter((entry) => entry === 'undo unknown').length;
    if (updates < done || updates > done + unknown)
      this.wrong.push(`expected one effect for each of ${done} writes on record, got ${updates}`);
    const open = steps.filter(({ state }) => state === 'sending' || state === 'undoing' || state === 'stuck');
    if (open.length > 0) this.wrong.push(`expected no step whose outcome is open, got ${open.map(({ state }) => state).join()}`);
    return this.wrong;
  }

  private steps(id: string): Promise<readonly Step[]> {
    return this.bench.store.snapshot((reader) => reader.steps(id, { from: 0, limit: 100 }));
  }

  /** Technical failures are waited for (C8). */
  private async again<T>(call: () => Promise<T>): Promise<T> {
    const wait = (): void => this.bench.advance(WAIT_MS);
    const { answer } = await untilDone(async () => ({ outcome: 'answered', answer: await call() }), wait);
    return answer;
  }

  private idOf({ record }: Place): string {
    return this.ids[record] ?? '';
  }

  private edit({ field }: Place, author: string): Readonly<Record<string, string>> {
    return { [FIELDS[field]]: `${author}${(Interleaving.values += 1)}` };
  }
}

/** Other people's versions that a version of ours follows: known and approved, or reported with its value; else lost. */
function overwritten(recordId: string, versions: readonly FieldVersion[], steps: readonly Step[], kept: readonly KeptField[]): string[] {
  return versions.flatMap((version, index) => {
    const next = versions[index + 1];
    if (version.isOurs || next?.isOurs !== true) return [];
    const { field } = version;
    const isApproved = steps.some(
      ({ operation, before }) =>
        'fields' in operation && operation.fields[field] === next.value && before?.fields[field] === version.value && 'target' in operation,
    );
    const isReported = kept.some((one) => one.field === field && one.now === version.value);
    return isApproved || isReported ? [] : [`${recordId} ${field}: ${String(version.value)} was written over by ${String(next.value)}`];
  });
}
