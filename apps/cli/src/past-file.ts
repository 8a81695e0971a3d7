/**
 * Past leads from a file, to play documents without a worker: JSON Lines. The first line says which documents were in force (files beside it), up to when it
 * was so, and what the pools were owed; every other line is a lead as `GET /v1/routing/past-leads` has it.
 */
import { dirname, join } from 'node:path';
import { pastLeadsSchema } from '@lockstep/api/routing-past-schemas.ts';
import type { PastLead, PastWorld, SimulationDocuments } from '@lockstep/api/routing-simulation.ts';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';
import { documentIn, documentText } from './routing-documents.ts';

export interface Past {
  readonly inForce: SimulationDocuments;
  readonly leads: readonly PastLead[];
  readonly world: Omit<PastWorld, 'tzVersion'>;
}

/** Throws `CommandFailure` with the line of what cannot be read. */
export function readPastFile(file: string): Past {
  const lines = documentText(file).text.split('\n');
  const read = (index: number): Readonly<Record<string, unknown>> => {
    try {
      const value: unknown = JSON.parse(lines[index] ?? '');
      if (typeof value === 'object' && value !== null) return { ...value };
    } catch {
      // Told below.
    }
    throw bad(`${file}:${index + 1}: expected a JSON object, got something else`);
  };
  const { until, credits, ...names } = read(0);
  if (typeof until !== 'string' || Number.isNaN(Date.parse(until)))
    throw bad(`${file}:1: until: expected an ISO 8601 instant, got ${JSON.stringify(until)}`);
  const document = <K extends 'policy' | 'roster' | 'slas'>(kind: K) => {
    const name = names[kind];
    if (typeof name !== 'string') throw bad(`${file}:1: ${kind}: expected the name of a file beside this one, got ${JSON.stringify(name)}`);
    return documentIn(kind, documentText(join(dirname(file), name)));
  };
  const leads = lines.flatMap((line, index) => (index === 0 || line.trim() === '' ? [] : [leadIn(file, index + 1, read(index))]));
  const owed = pastLeadsSchema.shape.credits.safeParse(credits ?? {});
  if (!owed.success) throw bad(`${file}:1: credits: expected an object, got something else`);
  return {
    inForce: { policy: document('policy'), roster: document('roster'), slas: document('slas').slas },
    leads,
    world: { until: new Date(until).toISOString(), credits: owed.data ?? {}, holidays: {}, absences: {} },
  };
}

function leadIn(file: string, line: number, value: unknown): PastLead {
  const result = pastLeadsSchema.shape.leads.element.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw bad(`${file}:${line}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'expected a past lead'}`);
}

const bad = (message: string): CommandFailure => new CommandFailure(EXIT.failed, 'bad_file', message);
