/** The feed of changes and the full scan: one query after the other, as cursor.ts says. */
import type { FieldNotice, PullPage, PullRequest, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import { advance, parseCursor, requestOf } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import { targetColumn } from './mapping.ts';
import type { Reader, ReaderParts } from './reading.ts';

/** Reads until there is something to show or nothing follows. Rejects with `ConnectorError`; `CursorInvalid` where a cursor is not taken any more. */
export async function pullPage(parts: ReaderParts, reader: Reader, request: PullRequest): Promise<PullPage> {
  const { client, catalogue, mapping } = parts;
  const isChanges = request.mode === 'changes';
  // A scan of everything goes by the time of creation, which no edit moves.
  const sort = isChanges ? 'last_edited_time' : 'created_time';
  let cursor: Cursor = parseCursor(request.cursor);
  catalogue.recall(cursor.names);
  const columns = await catalogue.columns();
  const marker = targetColumn(mapping, columns, 'markerProperty');
  const records: RemoteRecord[] = [];
  const notices: FieldNotice[] = [];
  let more = true;
  while (more && records.length === 0) {
    const answer = await client.query(columns.dataSourceId, requestOf(cursor, sort, marker?.id ?? null));
    records.push(...(await reader.records(columns, answer.pages)));
    const next = advance(cursor, answer, sort, { isChanges, isMarked: marker !== null });
    if (next.loss !== null) notices.push({ field: null, cause: 'unreadable', message: `Notion query: ${next.loss}` });
    ({ cursor, more } = next);
  }
  return { records, nextCursor: { ...cursor, names: catalogue.names() }, more, deletedIds: [], notices };
}
