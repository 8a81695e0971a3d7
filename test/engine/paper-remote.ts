/**
 * A remote on paper, for laws of the engine that must be held at every step of a crash: records with revisions and markers, and the ways in which
 * remotes and networks fail, chosen by the test. The same laws run through the vendors' SDKs against the simulator in test/conformance.
 */
import type { FieldMap, ItemKind } from '@lockstep/domain/backlog/item.ts';
import type {
  Connector,
  FetchOutcome,
  MappedField,
  RemoteDraft,
  RemoteRecord,
  WriteOutcome,
} from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';

interface Paper {
  readonly remoteId: string;
  readonly kind: ItemKind;
  readonly marker: string | null;
  fields: FieldMap;
  revision: number;
  trashed: boolean;
}

/** What goes wrong with the next calls; used up by one. */
export interface Trouble {
  readonly call: 'pull' | 'fetch' | 'create' | 'update' | 'remove';
  readonly how: 'lose-answer' | 'lose-request' | 'throttled' | 'auth' | 'die-before' | 'die-after';
}

/** The process died: nothing of ours runs after this. */
export class Died extends Error {
  override readonly name = 'Died';
}

const FIELDS: readonly MappedField[] = [
  { field: 'title', direction: 'both' },
  { field: 'owner', direction: 'both' },
  { field: 'status', direction: 'both' },
  { field: 'labels', direction: 'both' },
  { field: 'parent', direction: 'both', refersBy: 'id' },
];

export interface PaperRemote {
  readonly connector: Connector;
  readonly records: ReadonlyMap<string, Paper>;
  readonly troubles: Trouble[];
  /** Writes that took place, one entry a record. */
  readonly writes: { readonly operation: 'create' | 'update' | 'remove'; readonly remoteId: string }[];
  /** Titles that this remote will never take. */
  readonly poison: Set<string>;
  /** Records that listings leave out, though a read by id finds them. */
  readonly unlisted: Set<string>;
  /** Listings show nothing at all. */
  blind: boolean;
  live(): readonly Paper[];
  make(fields: FieldMap, kind?: ItemKind): string;
  edit(remoteId: string, fields: FieldMap): void;
  trash(remoteId: string): void;
  vanish(remoteId: string): void;
}

export function paperRemote(name: string): PaperRemote {
  const records = new Map<string, Paper>();
  const troubles: Trouble[] = [];
  const writes: PaperRemote['writes'] = [];
  const poison = new Set<string>();
  const unlisted = new Set<string>();
  let counter = 0;
  let revision = 0;
  const put = (fields: FieldMap, kind: ItemKind, marker: string | null): Paper => {
    counter += 1;
    revision += 1;
    const paper: Paper = { remoteId: `${name}-${counter}`, kind, marker, fields, revision, trashed: false };
    records.set(paper.remoteId, paper);
    return paper;
  };
  const recordOf = (paper: Paper): RemoteRecord => ({
    remoteId: paper.remoteId,
    remoteKey: null,
    url: null,
    kind: paper.kind,
    marker: paper.marker,
    fields: { ...paper.fields },
    revision: String(paper.revision),
    deleted: paper.trashed,
    notices: [],
  });
  const troubled = async <T>(call: Trouble['call'], work: () => T): Promise<T> => {
    const index = troubles.findIndex((trouble) => trouble.call === call);
    const how = index === -1 ? null : troubles.splice(index, 1)[0]?.how;
    if (how === 'die-before') throw new Died();
    if (how === 'lose-request') throw new ConnectorError(call === 'pull' || call === 'fetch' ? 'Transient' : 'OutcomeUnknown', 'no answer');
    if (how === 'throttled') throw new ConnectorError('Throttled', 'too many', { retryAfterMs: 30_000 });
    if (how === 'auth') throw new ConnectorError('AuthRevoked', 'consent is gone');
    const result = work();
    if (how === 'die-after') throw new Died();
    if (how === 'lose-answer') throw new ConnectorError('OutcomeUnknown', 'no answer');
    return result;
  };
  const refused = (fields: FieldMap): WriteOutcome | null =>
    poison.has(String(fields.title)) ? { ok: false, error: new ConnectorError('Invalid', 'title: expected another, got poison') } : null;
  const written = (operation: 'create' | 'update' | 'remove', paper: Paper): WriteOutcome => {
    writes.push({ operation, remoteId: paper.remoteId });
    return { ok: true, record: recordOf(paper), overwritten: [], refused: [] };
  };
  const create = (draft: RemoteDraft): WriteOutcome =>
    refused(draft.fields) ?? written('create', put(draft.fields, draft.kind, draft.marker));
  const change = (remoteId: string, fields: FieldMap): Paper | null => {
    const paper = records.get(remoteId);
    if (paper === undefined) return null;
    revision += 1;
    paper.fields = { ...paper.fields, ...fields };
    paper.revision = revision;
    return paper;
  };
  const lost: WriteOutcome = { ok: false, error: new ConnectorError('NotFound', 'no such record') };
  const remote: PaperRemote = {
    records,
    troubles,
    writes,
    poison,
    unlisted,
    blind: false,
    live: () => [...records.values()].filter((paper) => !paper.trashed),
    make: (fields, kind = 'task') => put(fields, kind, null).remoteId,
    edit: (remoteId, fields) => void change(remoteId, fields),
    trash: (remoteId) => {
      const paper = change(remoteId, {});
      if (paper !== null) paper.trashed = true;
    },
    vanish: (remoteId) => void records.delete(remoteId),
    connector: {
      mappedFields: (kind) => (kind === 'task' || kind === 'phase' ? FIELDS : []),
      limits: { create: 50, update: 50, remove: 50, fetch: 100 },
      check: async () => [],
      pulls: {
        pull: (request) =>
          troubled('pull', () => {
            const since = request.mode === 'changes' && typeof request.cursor === 'number' ? request.cursor : 0;
            const shown = [...records.values()].filter(
              (paper) =>
                !remote.blind && !unlisted.has(paper.remoteId) && (request.mode === 'changes' || !paper.trashed) && paper.revision > since,
            );
            return { records: shown.map(recordOf), nextCursor: revision, more: false, deletedIds: [], notices: [] };
          }),
        fetch: (ids) =>
          troubled('fetch', () =>
            ids.map((remoteId): FetchOutcome => {
              const paper = records.get(remoteId);
              return paper === undefined ? { found: false, remoteId, reason: 'absent' } : { found: true, record: recordOf(paper) };
            }),
          ),
        findByMarker: async (markers) =>
          [...records.values()].filter((paper) => paper.marker !== null && markers.includes(paper.marker)).map(recordOf),
      },
      pushes: {
        create: (drafts) => troubled('create', () => drafts.map(create)),
        update: (changes) =>
          troubled('update', () =>
            changes.map(({ remoteId, fields }) => {
              const paper = refused(fields) === null ? change(remoteId, fields) : null;
              return refused(fields) ?? (paper === null ? lost : written('update', paper));
            }),
          ),
        remove: (removals) =>
          troubled('remove', () =>
            removals.map(({ remoteId }) => {
              const paper = change(remoteId, {});
              if (paper === null) return lost;
              paper.trashed = true;
              return written('remove', paper);
            }),
          ),
      },
    },
  };
  return remote;
}
