/** The growth scenario of Notion: one workspace, one database "Growth OS" with one data source, a bot and two people. It holds no pages. */
import type { Option, PropertySchema, PropertyType, UserRecord } from './model.ts';
import { newOption, statusGroups } from './options.ts';
import { plainRichText } from './rich-text.ts';
import type { Workspace } from './workspace.ts';

const DATABASE_ID = '6a09e667-f3bc-4908-8b2f-b1366ea957d3';
const DATA_SOURCE_ID = 'bb67ae85-84ca-4a73-9b2b-3c6ef372fe94';

const person = (tail: string, name: string, email: string | null, type: UserRecord['type'] = 'person'): UserRecord => ({
  id: `3c6ef372-0000-4000-8000-0000000000${tail}`,
  type,
  name,
  email,
});
const USERS = {
  lockstep: person('01', 'Lockstep', null, 'bot'),
  omar: person('02', 'Omar Haddad', 'omar@growth.example'),
  maria: person('03', 'Maria Sommer', 'maria@growth.example'),
} as const;

const KINDS = [
  'Phase',
  'Epic',
  'Group',
  'Deliverable',
  'Gate',
  'Task',
  'Subtask',
  'Check',
  'Ritual',
  'Loop',
  'Motion variant',
  'Metric',
] as const;
const STATUSES = ['Not started', 'In progress', 'Blocked', 'Done', 'Cancelled'] as const;
const PRIORITIES = ['Highest', 'High', 'Medium', 'Low', 'Lowest'] as const;
const TEXTS = [
  'Dependencies',
  'Definition of done',
  'Metric',
  'Entry criteria',
  'Exit criteria',
  'Cadence',
  'Duration',
  'Attendees',
  'Purpose',
  'Motion',
  'Tools',
  'Section',
  'Description',
  'Lockstep ID',
] as const;

/** Ids of the scenario are the same in every run; some are percent-encoded, as many of the vendor's are. */
function property(name: string, type: PropertyType, more: Partial<PropertySchema> = {}): PropertySchema {
  const tail = Buffer.from(name.toLowerCase().replaceAll(' ', '')).toString('base64url').slice(-6);
  const id = name.includes(' ') ? encodeURIComponent(`>${tail}`) : tail;
  return { id: type === 'title' ? 'title' : id, name, type, description: null, ...more };
}

const options = (prefix: string, names: readonly string[]): Option[] =>
  names.map((name, place) => newOption(name, place, undefined, `${prefix}-${name.toLowerCase().replaceAll(' ', '-')}`));

function schema(): PropertySchema[] {
  const statuses = options('status', STATUSES);
  const toSelf = { relation: { dataSourceId: DATA_SOURCE_ID, syncedPropertyId: null } };
  const groups = statusGroups(statuses).map((group, place) => ({
    ...group,
    id: `group-${place}`,
    option_ids: statuses.filter((_, index) => [0, 1, 1, 2, 2][index] === place).map(({ id }) => id),
  }));
  return [
    property('Name', 'title'),
    property('Kind', 'select', { options: options('kind', KINDS) }),
    property('Owner', 'rich_text'),
    property('Status', 'status', { options: statuses, groups }),
    property('Priority', 'select', { options: options('priority', PRIORITIES) }),
    property('Due', 'date'),
    property('Labels', 'multi_select', { options: [] }),
    property('Parent', 'relation', toSelf),
    property('Depends on', 'relation', toSelf),
    ...TEXTS.map((name) => property(name, 'rich_text')),
  ];
}

/** Fills an empty workspace; one that has users is left as it is. */
export function seed(workspace: Workspace): void {
  if (workspace.users.size > 0) return;
  const nowMs = workspace.nowMs();
  const stamps = { createdMs: nowMs, editedMs: nowMs, createdBy: USERS.omar.id, editedBy: USERS.omar.id, inTrash: false };
  workspace.transaction(() => {
    for (const [account, user] of Object.entries(USERS)) {
      workspace.put('user', user);
      workspace.put('connection', {
        token: `ntn_${account}`,
        account,
        userId: user.id,
        capabilities: ['read', 'insert', 'update', 'comment'],
        isRevoked: false,
      });
    }
    workspace.put('database', {
      id: DATABASE_ID,
      parent: { type: 'workspace' },
      title: plainRichText('Growth OS'),
      description: [],
      icon: null,
      cover: null,
      isInline: false,
      isLocked: false,
      restricted: false,
      dataSourceIds: [DATA_SOURCE_ID],
      ...stamps,
    });
    workspace.put('dataSource', {
      id: DATA_SOURCE_ID,
      databaseId: DATABASE_ID,
      title: plainRichText('Growth OS'),
      icon: null,
      schema: schema(),
      nextNumber: 1,
      ...stamps,
    });
  });
}
