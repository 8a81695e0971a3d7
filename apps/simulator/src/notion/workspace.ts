/**
 * The state of one Notion workspace: every record in memory (a query over 10 000 pages is a scan of a Map) and written through to the
 * simulator's database, so that a killed simulator comes back as it was. All access of routes, page and scenario goes through here.
 */
import type { Clock } from '../kernel/clock.ts';
import { invalid, notFound, trashed } from './errors.ts';
import type { MentionNames } from './rich-text.ts';
import { plainText } from './rich-text.ts';
import type {
  Actor,
  BlockRecord,
  CommentRecord,
  ConnectionRecord,
  DatabaseRecord,
  DataSourceRecord,
  PageRecord,
  Parent,
  RecordKind,
  Records,
  Stamps,
  SubscriptionRecord,
  UserRecord,
} from './model.ts';

/** What happened, for the webhooks. */
export type WorkspaceEvent = {
  type: string;
  actor: Actor;
  entity: { type: 'page' | 'comment' | 'data_source'; id: string };
  data: Record<string, unknown>;
};

/** Where records are kept: one JSON document per kind and id. */
type Documents = {
  load(kind: RecordKind): Iterable<unknown>;
  put(kind: RecordKind, id: string, record: unknown): void;
  transaction<T>(work: () => T): T;
};

/** Facts about the workspace that answers and webhooks carry. */
export const WORKSPACE = {
  id: '5f1c0de0-0000-4000-8000-000000000001',
  name: 'Lockstep Growth',
  integrationId: '5f1c0de0-0000-4000-8000-0000000000b0',
};

/** The workspace's records with the look-ups that answers need. Methods throw only NotionErrors. */
export class Workspace {
  readonly users = new Map<string, UserRecord>();
  readonly connections = new Map<string, ConnectionRecord>();
  readonly pages = new Map<string, PageRecord>();
  readonly blocks = new Map<string, BlockRecord>();
  readonly databases = new Map<string, DatabaseRecord>();
  readonly dataSources = new Map<string, DataSourceRecord>();
  readonly comments = new Map<string, CommentRecord>();
  readonly subscriptions = new Map<string, SubscriptionRecord>();
  /** Comments of a page or block, in order of creation. */
  readonly commentsAt = new Map<string, Set<string>>();
  /** Page ids of a data source, in order of creation. */
  readonly rows = new Map<string, Set<string>>();
  private readonly documents: Documents;
  private readonly clock: Clock;
  private lastSeq = 0;
  private changes = 0;
  private listener: (event: WorkspaceEvent) => void = () => undefined;

  constructor(documents: Documents, clock: Clock) {
    this.documents = documents;
    this.clock = clock;
    this.load('user', this.users, (record) => record.id);
    this.load('connection', this.connections, (record) => record.token);
    this.load('database', this.databases, (record) => record.id);
    this.load('dataSource', this.dataSources, (record) => record.id);
    this.load('block', this.blocks, (record) => record.id);
    this.load('comment', this.comments, (record) => record.id);
    const comments = [...this.comments.values()].sort((a, b) => a.createdMs - b.createdMs);
    for (const comment of comments) this.placeComment(comment);
    this.load('subscription', this.subscriptions, (record) => record.id);
    const pages = [...documents.load('page')] as PageRecord[];
    for (const page of pages.sort((a, b) => a.seq - b.seq)) {
      this.pages.set(page.id, page);
      this.place(page);
    }
  }

  private load<K extends RecordKind>(kind: K, into: Map<string, Records[K]>, key: (record: Records[K]) => string): void {
    for (const record of this.documents.load(kind) as Iterable<Records[K]>) into.set(key(record), record);
  }

  private place(page: PageRecord): void {
    this.lastSeq = Math.max(this.lastSeq, page.seq);
    if (page.parent.type !== 'data_source_id') return;
    let rows = this.rows.get(page.parent.dataSourceId);
    if (!rows) this.rows.set(page.parent.dataSourceId, (rows = new Set()));
    rows.add(page.id);
  }

  private placeComment(comment: CommentRecord): void {
    const at = comment.parent.type === 'page_id' ? comment.parent.pageId : comment.parent.blockId;
    const known = this.commentsAt.get(at);
    if (known === undefined) this.commentsAt.set(at, new Set([comment.id]));
    else known.add(comment.id);
  }

  /** Grows with every change: what was computed at another revision is stale. */
  get revision(): number {
    return this.changes;
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  onEvent(listener: (event: WorkspaceEvent) => void): void {
    this.listener = listener;
  }

  /** Tells the webhooks. */
  emit(event: WorkspaceEvent): void {
    this.listener(event);
  }

  /** The next number in order of creation. */
  nextSeq(): number {
    this.lastSeq += 1;
    return this.lastSeq;
  }

  /** Runs changes as one unit on disk: a kill in between leaves all or nothing of them. */
  transaction<T>(work: () => T): T {
    return this.documents.transaction(work);
  }

  /** Keeps a record in memory and on disk. */
  put<K extends RecordKind>(kind: K, record: Records[K]): void {
    const maps = {
      user: this.users,
      connection: this.connections,
      page: this.pages,
      block: this.blocks,
      database: this.databases,
      dataSource: this.dataSources,
      comment: this.comments,
      subscription: this.subscriptions,
    };
    this.changes += 1;
    const id = 'token' in record ? record.token : record.id;
    (maps[kind] as Map<string, Records[K]>).set(id, record);
    if (kind === 'page') this.place(record as PageRecord);
    if (kind === 'comment') this.placeComment(record as CommentRecord);
    this.documents.put(kind, id, record);
  }

  /** Takes a page out of the rows or blocks of its parent, before it moves elsewhere. */
  unplace(page: PageRecord): void {
    if (page.parent.type === 'data_source_id') this.rows.get(page.parent.dataSourceId)?.delete(page.id);
    const above = page.parent.type === 'page_id' ? this.pages.get(page.parent.pageId) : undefined;
    if (above !== undefined) this.put('page', { ...above, children: above.children.filter((id) => id !== page.id) });
  }

  /** Whether the record at this parent lies in the trash itself or through an ancestor. */
  isTrashedAt(parent: Parent): boolean {
    switch (parent.type) {
      case 'workspace':
        return false;
      case 'page_id':
      case 'block_id': {
        const id = parent.type === 'page_id' ? parent.pageId : parent.blockId;
        const page = this.pages.get(id);
        if (page) return this.isTrashed(page);
        const block = this.blocks.get(id);
        return block ? block.inTrash || this.isTrashedAt({ type: 'block_id', blockId: block.parentId }) : false;
      }
      case 'data_source_id': {
        const source = this.dataSources.get(parent.dataSourceId);
        return source ? source.inTrash || this.isTrashedAt({ type: 'database_id', databaseId: source.databaseId }) : false;
      }
      default: {
        const database = this.databases.get(parent.databaseId);
        return database ? this.isTrashed(database) : false;
      }
    }
  }

  /** Whether a page or database lies in the trash itself or through an ancestor. */
  isTrashed(record: Stamps & { parent: Parent }): boolean {
    return record.inTrash || this.isTrashedAt(record.parent);
  }

  /** Whether the actor may see a page: people all, a bot what is not restricted on the way up. */
  canSee(actor: Actor, record: { restricted: boolean; parent: Parent }): boolean {
    if (actor.type === 'person') return true;
    if (record.restricted) return false;
    const { parent } = record;
    if (parent.type === 'workspace') return true;
    if (parent.type === 'data_source_id') {
      const database = this.databases.get(this.dataSources.get(parent.dataSourceId)?.databaseId ?? '');
      return database ? this.canSee(actor, database) : false;
    }
    const above =
      parent.type === 'database_id'
        ? this.databases.get(parent.databaseId)
        : this.pageOf(parent.type === 'page_id' ? parent.pageId : parent.blockId);
    return above ? this.canSee(actor, above) : false;
  }

  /** The page that a page or block id lies on. */
  pageOf(id: string): PageRecord | undefined {
    let at = id;
    for (;;) {
      const page = this.pages.get(at);
      if (page) return page;
      const block = this.blocks.get(at);
      if (!block) return undefined;
      at = block.parentId;
    }
  }

  /** The page, or 404 if it does not exist or is not shared. */
  page(actor: Actor, id: string): PageRecord {
    const page = this.pages.get(id);
    if (!page || !this.canSee(actor, page)) throw notFound('page', id);
    return page;
  }

  /** The database, or 404 if it does not exist or is not shared. */
  database(actor: Actor, id: string): DatabaseRecord {
    const database = this.databases.get(id);
    if (!database || !this.canSee(actor, database)) throw notFound('database', id);
    return database;
  }

  /** The data source, or 404 if it does not exist or is not shared. */
  dataSource(actor: Actor, id: string): DataSourceRecord {
    const source = this.dataSources.get(id);
    const database = source && this.databases.get(source.databaseId);
    if (!source || !database || !this.canSee(actor, database)) throw notFound('data_source', id);
    return source;
  }

  /** Refuses an edit under something that lies in the trash. */
  refuseTrashed(parent: Parent): void {
    if (this.isTrashedAt(parent)) throw trashed();
  }

  /** Names for mentions; a mention of nobody is refused. */
  readonly mentions: MentionNames = {
    user: (id) => {
      const user = this.users.get(id);
      if (!user) throw invalid(`Could not find user with ID: ${id}.`);
      return user.name;
    },
    page: (id) => {
      const page = this.pages.get(id);
      if (!page) throw notFound('page', id);
      return this.titleOf(page) || 'Untitled';
    },
  };

  /** The plain title of a page. */
  titleOf(page: PageRecord): string {
    const title = page.properties['title'];
    return Array.isArray(title) ? plainText(title as Parameters<typeof plainText>[0]) : '';
  }
}
