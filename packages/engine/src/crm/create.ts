/** Planning a change set: steps, before-images, reversibility and the hash of the exact diff, on record before anybody is asked (C1, C2). */
import type { ChangeSet, Image, KeptField, Operation, Step, StepFinding, StepRef } from '@lockstep/domain/crm/change-set.ts';
import type { CrmObject, Reading } from '@lockstep/domain/crm/crm.port.ts';
import { diffHash } from '@lockstep/domain/crm/diff.ts';
import type { ApprovalPolicy } from '@lockstep/domain/crm/policy.schema.ts';
import { reversibilityOf } from '@lockstep/domain/crm/reversibility.ts';
import { chunks, crmOf, PAGE } from './environment.ts';
import type { CrmEngine } from './environment.ts';
import { Foreseen } from './foreseen.ts';
import { nothingThere, readAll, wantedFor } from './images.ts';
import { locate, objectOf } from './targets.ts';
import type { Located } from './targets.ts';

/** What a set is to do. */
export interface NewSet {
  /** From business identity: asked for twice, it is one set. */
  readonly changeSetId: string;
  readonly kind: ChangeSet['kind'];
  readonly requestedBy: string;
  readonly actorKind: ChangeSet['actorKind'];
  readonly reason: string;
  readonly confidence: number | null;
  readonly operations: readonly Operation[];
  /** Of a rollback: what each operation takes back, in their order; the image is the one that it was planned on, and is not read again. */
  readonly undoes?: readonly { readonly step: StepRef; readonly image: Image }[];
  /** And what it leaves as it is. */
  readonly kept?: readonly KeptField[];
  readonly rollsBack?: readonly string[];
}

/** What stands for a policy where there is none: it names nothing, and nothing is written under it (case 65). */
export const NO_POLICY: ApprovalPolicy = { version: 'none', approvalExpiresAfterMs: 4 * 3_600_000, fields: [], rules: [] };

/**
 * Plans a set and puts it on record, with what every record shows now; asked again it does nothing. Reads only: as many calls as records make batches, and
 * one `describe` an object. Throws `ConnectorError` where a CRM cannot be read.
 */
export async function createSet(engine: CrmEngine, request: NewSet, now: string): Promise<void> {
  const { changeSetId } = request;
  const isKnown = await engine.store.snapshot(async (reader) => (await reader.changeSet(changeSetId)) !== null);
  if (isKnown) return;
  const policy = engine.policies.current() ?? NO_POLICY;
  const classed = await withClasses(engine, plannedSteps(request), policy);
  const steps = request.undoes === undefined ? await withImages(engine, classed, now) : classed;
  await engine.store.transaction(async (tx) => {
    if ((await tx.lockChangeSet(changeSetId)) !== null) return;
    await tx.saveChangeSet(newRow(request, steps, policy, now));
    for (const page of chunks(steps, PAGE)) await tx.saveSteps(page);
    await tx.saveKept(request.kept ?? []);
  });
}

function newRow(request: NewSet, steps: readonly Step[], policy: ApprovalPolicy, now: string): ChangeSet {
  const { changeSetId, kind, requestedBy, actorKind, reason, confidence, rollsBack } = request;
  return {
    ...{ changeSetId, kind, requestedBy, actorKind, reason, confidence },
    requestedAt: now,
    rollsBack: rollsBack ?? [],
    steps: steps.length,
    state: 'planned',
    end: null,
    cause: null,
    diffHash: diffHash(steps, policy.version),
    policyVersion: policy.version,
    approvalExpiresAt: null,
    deadlineAt: null,
    updatedAt: now,
  };
}

function plannedSteps({ changeSetId, operations, undoes }: NewSet): readonly Step[] {
  return operations.map((operation, ordinal) => {
    const source = undoes?.[ordinal];
    return {
      ...{ changeSetId, ordinal, operation, reversibility: 'D', state: 'planned', before: source?.image ?? null },
      ...{ after: null, createdId: null },
      ...{ sentAt: null, doneAt: null, undoneAt: null, finding: null },
      ...(source === undefined ? {} : { undoes: source.step }),
    };
  });
}

/** The reversibility of every step under a policy; one `describe` an object. */
export async function withClasses(engine: CrmEngine, steps: readonly Step[], policy: ApprovalPolicy): Promise<readonly Step[]> {
  const objects = new Map<string, CrmObject>();
  for (const { operation } of steps) {
    const { connectionId, object } = objectOf(operation);
    const key = JSON.stringify([connectionId, object]);
    if (!objects.has(key)) objects.set(key, await crmOf(engine, connectionId).describe(object));
  }
  return steps.map((step) => {
    const { connectionId, object } = objectOf(step.operation);
    const described = objects.get(JSON.stringify([connectionId, object]));
    return described === undefined ? step : { ...step, reversibility: reversibilityOf(step.operation, described, policy) };
  });
}

/** The steps with what their records show now. What an earlier step is to create shows nothing; what an earlier step sets shows that. */
export async function withImages(engine: CrmEngine, steps: readonly Step[], now: string): Promise<readonly Step[]> {
  const located = await engine.store.snapshot((reader) => locate(reader, steps));
  const readings = await readingsFor(engine, located);
  const foreseen = new Foreseen();
  return located.map(({ step, operation }, index) => {
    if (!('target' in step.operation)) return { ...step, before: nothingThere(step.operation.fields, now) };
    const reading = readings.get(index);
    if (operation === null || reading === undefined) return { ...step, before: notThereYet(step.operation, now) };
    const image = foreseen.image(operation, reading.image);
    foreseen.pass(operation);
    return { ...step, before: image, finding: findingOf(step.operation, { ...reading, image }) };
  });
}

/** Of a record that an earlier step is to create. */
function notThereYet(operation: Operation, now: string): Image {
  const image = nothingThere('fields' in operation ? operation.fields : {}, now);
  return 'association' in operation ? { ...image, isAssociated: false } : image;
}

async function readingsFor(engine: CrmEngine, located: readonly Located[]): Promise<ReadonlyMap<number, Reading>> {
  const wanted = located.flatMap(({ operation }, index) => {
    const one = operation === null ? null : wantedFor(operation);
    return one === null ? [] : [{ index, one }];
  });
  const readings = await readAll(
    engine,
    wanted.map(({ one }) => one),
  );
  return new Map(wanted.flatMap(({ index }, place) => (readings[place] === undefined ? [] : [[index, readings[place]]])));
}

/** What keeps a step from being sent: the record is not where the operation needs it. */
export function findingOf(operation: Operation, { image, mergedInto }: Reading): StepFinding | null {
  const expected = operation.kind === 'restore' ? 'archived' : 'present';
  if (image.presence === expected) return null;
  const said = `expected a record that is ${expected}, got one that is ${image.presence}`;
  if (image.presence === 'merged')
    return { code: 'MERGED', message: `${said}; it has gone into ${mergedInto ?? 'another one'}`, fields: [] };
  return { code: 'GONE', message: said, fields: [] };
}
