/**
 * Writes, one page a request, a few at a time. An answer of Notion is the page as it is now: the read-back. There is no precondition and no history:
 * an edit that lands between compare and write is lost here, which docs/specs counts as the stated residue of S2.
 */
import type {
  FieldNotice,
  RemoteChange,
  RemoteDraft,
  RemoteRecord,
  RemoteRemoval,
  WriteOutcome,
} from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { inParallel } from '../http/pool.ts';
import type { Columns } from './catalogue.ts';
import type { Properties } from './client.ts';
import { encodePage, kindProblem } from './encoding.ts';
import type { EncodedPage, EncodeRequest } from './encoding.ts';
import { targetColumn } from './mapping.ts';
import { missingMarker, WIDTH } from './reading.ts';
import type { Reader, ReaderParts } from './reading.ts';
import type { Page } from './wire.ts';

/** A schema that a write was refused for is read again, but not for every write of a batch. */
const REFUSED_SCHEMA_AGE_MS = 1_000;
/** A schema that does not have what is to be written may have it by now. */
const DOUBTED_SCHEMA_AGE_MS = 10_000;

export interface WriterParts extends ReaderParts {
  readonly reader: Reader;
}

export interface Writer {
  create(drafts: readonly RemoteDraft[]): Promise<readonly WriteOutcome[]>;
  update(changes: readonly RemoteChange[]): Promise<readonly WriteOutcome[]>;
  remove(removals: readonly RemoteRemoval[]): Promise<readonly WriteOutcome[]>;
}

export function createWriter(parts: WriterParts): Writer {
  return {
    create: (drafts) => each(drafts, (draft) => createOne(parts, draft)),
    update: (changes) => each(changes, (change) => updateOne(parts, change)),
    remove: (removals) => each(removals, (removal) => removeOne(parts, removal)),
  };
}

/** Encoded against a schema that is fresh where anything is refused: what was missing may have been added. */
async function encoded(
  parts: WriterParts,
  request: Omit<EncodeRequest, 'mapping' | 'columns'>,
): Promise<{ readonly columns: Columns; readonly page: EncodedPage }> {
  const columns = await parts.catalogue.columns();
  const page = encodePage({ ...request, mapping: parts.mapping, columns });
  if (page.refused.length === 0) return { columns, page };
  const fresh = await parts.catalogue.columns(DOUBTED_SCHEMA_AGE_MS);
  return { columns: fresh, page: encodePage({ ...request, mapping: parts.mapping, columns: fresh }) };
}

async function createOne(parts: WriterParts, draft: RemoteDraft): Promise<WriteOutcome> {
  await assertCreatable(parts, draft);
  const { columns, page } = await encoded(parts, { ...draft, before: null });
  let answer: Answer;
  try {
    answer = await parts.client.createPage(columns.dataSourceId, page.properties);
  } catch (error) {
    if (!isInvalid(error)) throw error;
    const fresh = await parts.catalogue.columns(REFUSED_SCHEMA_AGE_MS);
    return createBare(parts, fresh, encodePage({ ...draft, mapping: parts.mapping, columns: fresh, before: null }), error);
  }
  return made(async () => written(await parts.reader.written(columns, answer), page.refused));
}

/** One property that Notion does not take must not keep the page out: first what makes it ours, then the rest (J08). */
async function createBare(parts: WriterParts, columns: Columns, page: EncodedPage, refusal: ConnectorError): Promise<WriteOutcome> {
  const isOwn = (id: string): boolean => [undefined, 'title'].includes(page.fieldsById.get(id));
  const bare = Object.fromEntries(Object.entries(page.properties).filter(([id]) => isOwn(id)));
  const rest = Object.fromEntries(Object.entries(page.properties).filter(([id]) => !isOwn(id)));
  if (Object.keys(rest).length === 0) throw refusal;
  const answer = await parts.client.createPage(columns.dataSourceId, bare);
  return made(async () => {
    const { last, refused } = await writeEach(parts, answer.id, page, rest);
    return written(await parts.reader.written(columns, last ?? answer), [...page.refused, ...refused]);
  });
}

async function updateOne(parts: WriterParts, change: RemoteChange): Promise<WriteOutcome> {
  const request = { ...change, before: rawOf(change) };
  const { columns, page } = await encoded(parts, request);
  if (Object.keys(page.properties).length === 0) return written(change.before, page.refused);
  try {
    const answer = await parts.client.updatePage(change.remoteId, { properties: page.properties });
    return written(await parts.reader.written(columns, answer), page.refused);
  } catch (error) {
    if (!isInvalid(error)) throw error;
    return updateEach(parts, request, error);
  }
}

async function updateEach(
  parts: WriterParts,
  request: Omit<EncodeRequest, 'mapping' | 'columns'> & { readonly remoteId: string },
  refusal: ConnectorError,
): Promise<WriteOutcome> {
  const now = await parts.client.page(request.remoteId);
  if (now.in_trash)
    throw new ConnectorError('Conflict', 'Notion PATCH pages/{id}: expected a live page, got one in the trash', { cause: refusal });
  const columns = await parts.catalogue.columns(REFUSED_SCHEMA_AGE_MS);
  const page = encodePage({ ...request, mapping: parts.mapping, columns });
  const { last, refused } = await writeEach(parts, request.remoteId, page, page.properties);
  if (last === null && page.refused.length === 0) throw refusal;
  return written(await parts.reader.written(columns, last ?? now), [...page.refused, ...refused]);
}

/** Property by property, so that a refusal names its field and the others are written (J08). */
async function writeEach(
  parts: WriterParts,
  pageId: string,
  page: EncodedPage,
  properties: Properties,
): Promise<{ readonly last: Answer | null; readonly refused: readonly FieldNotice[] }> {
  const refused: FieldNotice[] = [];
  let last: Answer | null = null;
  for (const [id, value] of Object.entries(properties)) {
    try {
      last = await parts.client.updatePage(pageId, { properties: { [id]: value } });
    } catch (error) {
      if (!isInvalid(error)) throw error;
      const field = page.fieldsById.get(id) ?? null;
      refused.push({ field, cause: 'unwritable', message: `${field ?? 'our own property'}: ${error.message}` });
    }
  }
  return { last, refused };
}

async function removeOne(parts: WriterParts, removal: RemoteRemoval): Promise<WriteOutcome> {
  const columns = await parts.catalogue.columns();
  try {
    return written(await parts.reader.written(columns, await parts.client.updatePage(removal.remoteId, { in_trash: true })), []);
  } catch (error) {
    if (!isInvalid(error)) throw error;
    const page = await parts.client.page(removal.remoteId);
    if (!page.in_trash) throw error;
    return written(await parts.reader.written(columns, page), []);
  }
}

/** What Notion answers to a write: the page, or its id alone. */
interface Answer {
  readonly id: string;
}

/** A page that cannot be found again, or not be told by its kind, is not made (S4). */
async function assertCreatable({ catalogue, mapping }: ReaderParts, draft: RemoteDraft): Promise<void> {
  const problemOf = (columns: Columns): string | null =>
    targetColumn(mapping, columns, 'markerProperty') === null ? missingMarker(mapping) : kindProblem(mapping, columns, draft.kind);
  if (problemOf(await catalogue.columns()) === null) return;
  const problem = problemOf(await catalogue.columns(DOUBTED_SCHEMA_AGE_MS));
  if (problem !== null) throw new ConnectorError('Invalid', `Notion POST pages: ${problem}`);
}

/** From here on the page exists: whatever fails now, it is found by its marker and not made again. */
async function made(finish: () => Promise<WriteOutcome>): Promise<WriteOutcome> {
  try {
    return await finish();
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    throw new ConnectorError('OutcomeUnknown', error.message, { cause: error });
  }
}

/** One outcome a write: a failure is its own and keeps nobody else's from being told. */
async function each<T>(writes: readonly T[], write: (one: T) => Promise<WriteOutcome>): Promise<readonly WriteOutcome[]> {
  return inParallel(writes, WIDTH, async (one): Promise<WriteOutcome> => {
    try {
      return await write(one);
    } catch (error) {
      if (error instanceof ConnectorError) return { ok: false, error };
      throw error;
    }
  });
}

function written(record: RemoteRecord, refused: readonly FieldNotice[]): WriteOutcome {
  return { ok: true, record, overwritten: [], refused };
}

function isInvalid(error: unknown): error is ConnectorError {
  return error instanceof ConnectorError && error.code === 'Invalid';
}

function rawOf(change: RemoteChange): Page | null {
  return change.before.raw === undefined ? null : (change.before.raw as Page);
}
