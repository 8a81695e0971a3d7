/** Queries and their pages. Source: vendor-apis.md 4, "query". */
import { badRequest } from './errors.ts';
import { did, param } from './operations.ts';
import type { Answer, Call, Operation } from './operations.ts';
import type { Org } from './org.ts';
import { idOf } from './ids.ts';
import { parsedQuery } from './soql-parser.ts';
import { run } from './soql.ts';

const BATCH = { least: 200, most: 2_000 };
/** Open cursors of one user; the oldest closes. */
const MOST_CURSORS = 10;
const MOST_CHARACTERS = 100_000;

interface Cursor {
  readonly locator: string;
  readonly userId: string;
  readonly totalSize: number;
  /** As they were when the query ran. */
  readonly records: readonly object[];
}

export function queryOperations(org: Org): readonly Operation[] {
  const cursors: Cursor[] = [];
  let opened = 0;
  const open = (call: Call, found: { totalSize: number; records: readonly object[] }): Cursor => {
    opened += 1;
    const cursor = { ...found, locator: idOf('01g', opened), userId: call.session.userId };
    cursors.push(cursor);
    const mine = cursors.filter(({ userId }) => userId === cursor.userId);
    const [oldest] = mine;
    if (mine.length > MOST_CURSORS && oldest !== undefined) cursors.splice(cursors.indexOf(oldest), 1);
    return cursor;
  };
  const query = (call: Call, withDeleted: boolean): Answer => {
    const soql = call.query.get('q');
    if (soql === null || soql.trim() === '') throw badRequest('MALFORMED_QUERY', 'A query string has to be specified');
    if (soql.length > MOST_CHARACTERS)
      throw badRequest('QUERY_TOO_COMPLICATED', `SOQL statements cannot be longer than ${MOST_CHARACTERS} characters.`);
    const found = run({ org, version: call.version, withDeleted }, parsedQuery(soql));
    const size = batchSize(call);
    did(call.trace, 'read', Math.min(size, found.records.length));
    if (found.records.length <= size) return { status: 200, body: { totalSize: found.totalSize, done: true, records: found.records } };
    return page(call, open(call, found), 0, size);
  };
  const more = (call: Call): Answer => {
    const [locator = '', start = ''] = param(call, 'locator').split('-');
    const cursor = cursors.find((one) => one.locator === locator && one.userId === call.session.userId);
    const from = Number(start);
    if (cursor === undefined || !/^\d+$/.test(start) || from >= cursor.records.length)
      throw badRequest('INVALID_QUERY_LOCATOR', 'invalid query locator');
    const size = batchSize(call);
    did(call.trace, 'read', Math.min(size, cursor.records.length - from));
    return page(call, cursor, from, size);
  };
  return [
    { method: 'GET', path: '/query', name: 'query', run: (call) => query(call, false) },
    { method: 'GET', path: '/queryAll', name: 'query all', run: (call) => query(call, true) },
    { method: 'GET', path: '/query/:locator', name: 'query more', run: more },
    { method: 'GET', path: '/queryAll/:locator', name: 'query more', run: more },
  ];
}

function page(call: Call, cursor: Cursor, from: number, size: number): Answer {
  const end = from + size;
  const done = end >= cursor.records.length;
  return {
    status: 200,
    body: {
      totalSize: cursor.totalSize,
      done,
      ...(done ? {} : { nextRecordsUrl: `/services/data/${call.version}/query/${cursor.locator}-${end}` }),
      records: cursor.records.slice(from, end),
    },
  };
}

/** `Sforce-Query-Options: batchSize=500`; Salesforce keeps it between 200 and 2,000. */
function batchSize(call: Call): number {
  const asked = /batchSize\s*=\s*(\d+)/i.exec(call.header('Sforce-Query-Options') ?? '')?.[1];
  return asked === undefined ? BATCH.most : Math.min(BATCH.most, Math.max(BATCH.least, Number(asked)));
}
