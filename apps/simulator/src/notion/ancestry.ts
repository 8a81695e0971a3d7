/** What lies within what. */
import { invalid } from './errors.ts';
import type { Parent } from './model.ts';
import type { Workspace } from './workspace.ts';

/** The id of a parent, and the parent above it; null at the top or where it is not known. */
function above(workspace: Workspace, parent: Parent): { readonly id: string; readonly parent: Parent } | null {
  switch (parent.type) {
    case 'workspace':
      return null;
    case 'page_id':
    case 'block_id': {
      const id = parent.type === 'page_id' ? parent.pageId : parent.blockId;
      const page = workspace.pages.get(id);
      if (page !== undefined) return { id, parent: page.parent };
      const block = workspace.blocks.get(id);
      return block === undefined ? null : { id, parent: { type: 'block_id', blockId: block.parentId } };
    }
    case 'data_source_id': {
      const source = workspace.dataSources.get(parent.dataSourceId);
      return source === undefined ? null : { id: source.id, parent: { type: 'database_id', databaseId: source.databaseId } };
    }
    case 'database_id': {
      const database = workspace.databases.get(parent.databaseId);
      return database === undefined ? null : { id: database.id, parent: database.parent };
    }
  }
}

/** Refuses a parent that is the record itself or lies in it: nothing holds itself. The vendor's words for it are not known. */
export function refuseWithin(workspace: Workspace, parent: Parent, id: string): void {
  for (let at = above(workspace, parent); at !== null; at = above(workspace, at.parent))
    if (at.id === id) throw invalid('body failed validation: body.parent should not be the object itself or lie within it.');
}
