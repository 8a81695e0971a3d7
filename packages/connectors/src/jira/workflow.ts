/**
 * Statuses are reached only by transitions, and not every status is one step away (G03). The path is found step by step from what Jira offers, and
 * remembered: transition ids belong to a workflow, the same for every issue of a type.
 */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { JiraClient } from './client.ts';

interface Step {
  readonly id: string;
  readonly toStatusId: string;
  readonly toStatus: string;
  /** Not to be walked through only to look what lies behind: it closes the issue. */
  readonly closes: boolean;
  /** Fields that it asks for and that have no default: it cannot be taken blindly (G04). */
  readonly asksFor: readonly string[];
}

export interface Move {
  readonly issueId: string;
  readonly typeId: string;
  readonly fromStatusId: string;
  readonly toStatusId: string;
}

export interface Workflow {
  /**
   * Moves an issue by the shortest path that is known. Rejects with `Invalid` and the allowed list where there is none, the issue being where it was;
   * with `Conflict` where somebody else has moved it.
   */
  move(move: Move): Promise<void>;
}

const MOST_STEPS = 8;

export interface WorkflowParts {
  readonly client: JiraClient;
  /** An issue's status from the primary store; null where the issue is gone. */
  readonly statusOf: (issueId: string) => Promise<string | null>;
  /** Any issue of this type that has this status: what Jira offers there is seen without moving anything (G04). Null where there is none. */
  readonly peerOf: (typeId: string, statusId: string) => Promise<string | null>;
}

export function createWorkflow({ client, statusOf, peerOf }: WorkflowParts): Workflow {
  /** `type/status` → steps from there. */
  const known = new Map<string, readonly Step[]>();
  const look = async (move: Move, statusId: string, issueId = move.issueId): Promise<void> => {
    if (known.has(`${move.typeId}/${statusId}`)) return;
    const steps = (await client.transitions(issueId)).map(({ id, to, fields }): Step => {
      const asked = Object.entries(fields ?? {}).filter(([, field]) => field.required && field.hasDefaultValue !== true);
      return {
        id,
        toStatusId: to.id,
        toStatus: to.name,
        closes: to.statusCategory?.key === 'done',
        asksFor: asked.map(([name]) => name),
      };
    });
    known.set(`${move.typeId}/${statusId}`, steps);
  };
  const take = async (move: Move, at: string, step: Step): Promise<void> => {
    try {
      await client.transition(move.issueId, step.id);
    } catch (error) {
      if (!(error instanceof ConnectorError) || (error.code !== 'Invalid' && error.code !== 'Conflict')) throw error;
      // Somebody has moved the issue, or the workflow is another now: what we remember of it is worth nothing.
      known.clear();
      const now = await statusOf(move.issueId);
      if (now === at) throw error;
      throw new ConnectorError('Conflict', `status: expected the issue at status ${at}, got ${now ?? 'no issue'}`);
    }
  };
  /** The step to go: toward the goal, or, where no way is known, to where it may be seen. Other issues are looked at before this one is moved. */
  const nextStep = async (move: Move, at: string): Promise<Step | null> => {
    for (;;) {
      const way = toward(known, move.typeId, at, move.toStatusId);
      const unseen = way === null ? towardUnseen(known, move, at) : null;
      if (unseen === null) return way?.first ?? null;
      const peer = await peerOf(move.typeId, unseen.statusId);
      if (peer === null) return unseen.first;
      await look(move, unseen.statusId, peer);
    }
  };
  return {
    async move(move) {
      let at = move.fromStatusId;
      for (let taken = 0; at !== move.toStatusId && taken < MOST_STEPS; taken += 1) {
        await look(move, at);
        const next = await nextStep(move, at);
        if (next === null) break;
        await take(move, at, next);
        at = next.toStatusId;
      }
      if (at === move.toStatusId) return;
      // Looked around in vain: back to where it was, as far as there is a way.
      for (let way = toward(known, move.typeId, at, move.fromStatusId); way !== null && at !== move.fromStatusId;) {
        await take(move, at, way.first);
        at = way.first.toStatusId;
        way = toward(known, move.typeId, at, move.fromStatusId);
      }
      throw noWay(move, known);
    },
  };
}

/** Why there is none: a way that asks for fields, wherever it begins, is told as such. */
function noWay(move: Move, known: Steps): ConnectorError {
  const steps = known.get(`${move.typeId}/${move.fromStatusId}`) ?? [];
  const asking = askingStep(known, move);
  const allowed = steps.map((step) => `${step.toStatus} (${step.toStatusId})`).join(', ') || 'none';
  return new ConnectorError(
    'Invalid',
    asking === undefined
      ? `status: expected a way to status ${move.toStatusId}, Jira allows ${allowed} from ${move.fromStatusId}`
      : `status: expected a transition to status ${move.toStatusId} that asks for nothing, it asks for ${asking.asksFor.join(', ')}`,
  );
}

/** A step to the goal that cannot be taken blindly. */
function askingStep(known: Steps, { typeId, toStatusId }: Move): Step | undefined {
  return [...known]
    .flatMap(([place, steps]) => (place.startsWith(`${typeId}/`) ? steps : []))
    .find((step) => step.toStatusId === toStatusId && step.asksFor.length > 0);
}

type Steps = ReadonlyMap<string, readonly Step[]>;

interface Way {
  readonly first: Step;
  /** Where it leads. */
  readonly statusId: string;
}

/** The first step of the shortest known path; a status that was never seen from inside counts as a dead end for now. */
function toward(known: Steps, typeId: string, from: string, to: string): Way | null {
  return shortest(known, typeId, from, { passes: () => true, arrives: (step) => step.toStatusId === to });
}

/**
 * The first step to the nearest status that was never seen from inside, never through one that closes the issue. None where Jira is known to
 * have a way that asks for fields: others would be walked in vain (G04).
 */
function towardUnseen(known: Steps, move: Move, from: string): Way | null {
  if (askingStep(known, move) !== undefined) return null;
  return shortest(known, move.typeId, from, {
    passes: (step) => !step.closes,
    arrives: (step) => !known.has(`${move.typeId}/${step.toStatusId}`),
  });
}

function shortest(
  known: Steps,
  typeId: string,
  from: string,
  goal: { readonly passes: (step: Step) => boolean; readonly arrives: (step: Step) => boolean },
): Way | null {
  const queue: { statusId: string; first: Step | null }[] = [{ statusId: from, first: null }];
  const seen = new Set([from]);
  for (const { statusId, first } of queue) {
    for (const step of known.get(`${typeId}/${statusId}`) ?? []) {
      if (step.asksFor.length > 0 || seen.has(step.toStatusId) || !goal.passes(step)) continue;
      if (goal.arrives(step)) return { first: first ?? step, statusId: step.toStatusId };
      seen.add(step.toStatusId);
      queue.push({ statusId: step.toStatusId, first: first ?? step });
    }
  }
  return null;
}
