/**
 * The plan document as a peer: a Markdown file that people edit by hand, read and written in place.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { ItemKind } from '@lockstep/domain/backlog/item.ts';
import { countItems } from '@lockstep/domain/plan/counts.ts';
import type { Plan } from '@lockstep/domain/plan/plan.ts';
import type { Connector, Finding, MappedField } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { isWritable, readDocument } from './file.ts';
import { PlanReader } from './identity.ts';
import { defaultMappedFields, mappedFieldsOf } from './layout.ts';
import { documentPulls } from './reading.ts';
import type { Source } from './reading.ts';
import { documentPushes } from './writing.ts';

/** Rows are read and written by the file, so the limits are only the size of a transaction. */
const LIMIT = 1_000;

export interface DocumentOptions {
  /** Absolute path of the Markdown file. It must exist: a document is never made by us. */
  readonly file: string;
}

/** Makes the connector. Does not touch the file. */
export function createDocumentConnector(options: DocumentOptions): Connector {
  const source: Source = { file: options.file, reader: new PlanReader(basename(options.file)) };
  return {
    mappedFields: (kind) => mappedFields(source, kind),
    limits: { create: LIMIT, update: LIMIT, remove: LIMIT, fetch: LIMIT },
    pulls: documentPulls(source),
    pushes: documentPushes(source),
    check: () => check(source),
  };
}

/** The places of the plan that was read last; before the first read, the file is looked at; a file that cannot be read has the places of a usual plan. */
function mappedFields(source: Source, kind: ItemKind): readonly MappedField[] {
  const plan = source.reader.latest ?? firstLook(source);
  return plan === null ? defaultMappedFields(kind) : mappedFieldsOf(plan, kind);
}

function firstLook(source: Source): Plan | null {
  try {
    return source.reader.read(readFileSync(source.file, 'utf8'));
  } catch {
    // Whoever reads the page will say what is wrong with the file; here only its places are asked for.
    return null;
  }
}

async function check(source: Source): Promise<readonly Finding[]> {
  const subject = source.reader.file;
  try {
    const plan = source.reader.read(await readDocument(source.file));
    const counts = Object.entries(countItems(plan)).flatMap(([kind, count]) => (count === 0 ? [] : [`${count} ${kind}`]));
    if (counts.length === 0)
      return [
        {
          level: 'error',
          subject,
          message: 'expected a plan with items, got none',
          remedy: 'name a file with phases, tables of tasks or checklists',
        },
      ];
    const read: Finding = { level: 'ok', subject, message: `reads as ${counts.join(', ')}` };
    if (await isWritable(source.file)) return [read];
    return [
      read,
      {
        level: 'error',
        subject,
        message: 'expected a file and a folder that can be written, got read only',
        remedy: 'give the user of the worker the permission to write both',
      },
    ];
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return [
      { level: 'error', subject, message: error.message, remedy: 'repair the file; until then nothing is read from it or written to it' },
    ];
  }
}
