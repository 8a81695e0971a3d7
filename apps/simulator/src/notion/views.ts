/** Pages, databases and data sources as the API shows them, in the shape of the version that was asked for. */
import type { Json } from './check.ts';
import { invalid } from './errors.ts';
import { minute } from './ids.ts';
import type { ApiVersion, DatabaseRecord, DataSourceRecord, PageRecord, Parent, Stamps } from './model.ts';
import { plainText } from './rich-text.ts';
import { findProperty, schemaAnswer } from './schema.ts';
import { schemaOf, valueAnswer } from './values.ts';
import type { Workspace } from './workspace.ts';

/** Renders records; holds no state. */
export class Views {
  readonly workspace: Workspace;
  private readonly baseUrl: () => string;

  constructor(workspace: Workspace, baseUrl: () => string) {
    this.workspace = workspace;
    this.baseUrl = baseUrl;
  }

  /** Times and authors, as on pages and blocks. */
  stamps(record: Stamps): Json {
    return {
      created_time: minute(record.createdMs),
      last_edited_time: minute(record.editedMs),
      created_by: { object: 'user', id: record.createdBy },
      last_edited_by: { object: 'user', id: record.editedBy },
    };
  }

  /** `in_trash`, and for the older version its other name. */
  trash(isTrashed: boolean, version: ApiVersion): Json {
    return version === '2025-09-03' ? { archived: isTrashed, in_trash: isTrashed } : { in_trash: isTrashed };
  }

  parent(parent: Parent): Json {
    switch (parent.type) {
      case 'workspace':
        return { type: 'workspace', workspace: true };
      case 'page_id':
        return { type: 'page_id', page_id: parent.pageId };
      case 'block_id':
        return { type: 'block_id', block_id: parent.blockId };
      case 'database_id':
        return { type: 'database_id', database_id: parent.databaseId };
      default: {
        const database = this.workspace.dataSources.get(parent.dataSourceId)?.databaseId ?? null;
        return { type: 'data_source_id', data_source_id: parent.dataSourceId, database_id: database };
      }
    }
  }

  private url(id: string): string {
    return `${this.baseUrl()}/ui/${id.replaceAll('-', '')}`;
  }

  /**
   * A page. `only` names properties by id (or name); all where it is empty.
   * @throws validation_error for a property that the page does not have
   */
  page(page: PageRecord, version: ApiVersion, only: readonly string[] = []): Json {
    const schema = schemaOf(this.workspace, page);
    const shown =
      only.length === 0
        ? schema
        : only.map((reference) => {
            const property = findProperty(schema, reference);
            if (property === undefined) throw invalid(`Property with ID or name "${reference}" does not exist.`);
            return property;
          });
    return {
      object: 'page',
      id: page.id,
      ...this.stamps(page),
      cover: page.cover,
      icon: page.icon,
      parent: this.parent(page.parent),
      ...this.trash(this.workspace.isTrashed(page), version),
      is_archived: false,
      is_locked: page.isLocked,
      properties: Object.fromEntries(shown.map((property) => [property.name, valueAnswer(this.workspace, page, property)])),
      url: this.url(page.id),
      public_url: null,
    };
  }

  database(database: DatabaseRecord, version: ApiVersion): Json {
    return {
      object: 'database',
      id: database.id,
      ...this.stamps(database),
      title: database.title,
      description: database.description,
      parent: this.parent(database.parent),
      is_inline: database.isInline,
      is_locked: database.isLocked,
      ...this.trash(this.workspace.isTrashed(database), version),
      data_sources: database.dataSourceIds.map((id) => {
        return { id, name: plainText(this.workspace.dataSources.get(id)?.title ?? []) };
      }),
      icon: database.icon,
      cover: database.cover,
      url: this.url(database.id),
      public_url: null,
    };
  }

  dataSource(source: DataSourceRecord, version: ApiVersion): Json {
    const database = this.workspace.databases.get(source.databaseId);
    return {
      object: 'data_source',
      id: source.id,
      ...this.stamps(source),
      title: source.title,
      description: database?.description ?? [],
      parent: { type: 'database_id', database_id: source.databaseId },
      database_parent: this.parent(database?.parent ?? { type: 'workspace' }),
      is_inline: database?.isInline ?? false,
      ...this.trash(this.isSourceTrashed(source), version),
      properties: schemaAnswer(source.schema, (id) => this.workspace.dataSources.get(id)),
      icon: source.icon,
      cover: database?.cover ?? null,
      url: this.url(source.databaseId),
      public_url: null,
    };
  }

  isSourceTrashed(source: DataSourceRecord): boolean {
    return this.workspace.isTrashedAt({ type: 'data_source_id', dataSourceId: source.id });
  }
}
