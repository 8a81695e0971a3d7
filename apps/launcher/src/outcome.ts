/** What a start did, for people (a table) and for scripts (JSON). */
import Table from 'cli-table3';
import type { Status } from '@lockstep/api/schemas.ts';
import type { PlanCounts } from '@lockstep/domain/plan/counts.ts';
import type { StepReport } from './story/steps.ts';

export interface ConnectionOutcome {
  /** Records that the tool shows now; for the document, items of the plan. */
  readonly items: number;
  readonly links: number;
  /** Of this start, from the simulator's request log; for the document, 0 calls and no creates or updates over HTTP. */
  readonly creates: number;
  readonly updates: number;
  readonly calls: number;
}

/** The file that `--json` writes. */
export interface Outcome {
  readonly plan: { readonly source: string; readonly file: string; readonly counts: PlanCounts } | null;
  readonly engines: { readonly temporal: string; readonly postgres: string };
  readonly connections: Readonly<Record<string, ConnectionOutcome>>;
  readonly secondPass: { readonly writes: number } | null;
  readonly conflicts: number;
  readonly story: readonly StepReport[];
  readonly inStep: boolean;
  readonly durationMs: number;
}

export function succeeded(outcome: Outcome): boolean {
  return outcome.inStep && (outcome.secondPass?.writes ?? 0) === 0 && outcome.story.every((step) => step.ok);
}

const KINDS = [
  'phase',
  'epic',
  'group',
  'deliverable',
  'gate',
  'task',
  'subtask',
  'check',
  'ritual',
  'loop',
  'motionVariant',
  'metric',
] as const;

/** No colour and no lines between the rows: it is read in logs too. */
function plainTable(head: string[]): InstanceType<typeof Table> {
  return new Table({ head, style: { head: [], border: [], compact: true } });
}

/** The table at the end of the first pass. */
export function renderTable(outcome: Outcome, status: Status): string {
  const items = plainTable(['item', 'in the backlog']);
  for (const kind of KINDS) if ((status.itemsByKind[kind] ?? 0) > 0) items.push([kind, status.itemsByKind[kind] ?? 0]);
  const tools = plainTable(['connection', 'items', 'links', 'created', 'updated', 'API calls']);
  for (const [name, { items: shown, links, creates, updates, calls }] of Object.entries(outcome.connections))
    tools.push([name, shown, links, creates, updates, calls]);
  const second = outcome.secondPass === null ? '' : ` · a second pass wrote ${outcome.secondPass.writes}`;
  return `${items.toString()}\n${tools.toString()}\nconflicts ${outcome.conflicts} · ${(outcome.durationMs / 1_000).toFixed(1)} s${second}`;
}
