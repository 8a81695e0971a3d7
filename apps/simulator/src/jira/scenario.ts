/** The growth scenario of Jira: one site, one company-managed project GROW, three accounts. It holds no issues. */
import type { FieldDefinition, IssueType, LinkType, Status, Transition, User } from './model.ts';

export const SITE = { title: 'Growth', version: '1001.0.0-SNAPSHOT', buildNumber: 100_280 };
export const PROJECT = { id: '10000', key: 'GROW', name: 'Growth OS', style: 'classic', projectTypeKey: 'software' } as const;

const user = (account: string, displayName: string, timeZone: string): User => ({
  accountId: `557058:00000000-0000-4000-8000-${Buffer.from(account.padEnd(6, '0').slice(0, 6)).toString('hex')}`,
  account,
  emailAddress: `${account}@growth.example`,
  apiToken: `jira-token-${account}`,
  displayName,
  timeZone,
  isMember: true,
});

export const USERS: readonly User[] = [
  user('lockstep', 'Lockstep', 'UTC'),
  user('maria', 'Maria Sommer', 'Europe/Berlin'),
  user('omar', 'Omar Haddad', 'America/New_York'),
  { ...user('guest', 'Guest', 'UTC'), isMember: false },
];

const type = (id: string, name: string, hierarchyLevel: number, description: string): IssueType => ({
  id,
  name,
  description,
  subtask: hierarchyLevel < 0,
  hierarchyLevel,
});

export const ISSUE_TYPES: readonly IssueType[] = [
  type('10001', 'Epic', 1, 'A big piece of work.'),
  type('10002', 'Story', 0, 'Something that a user gets.'),
  type('10003', 'Task', 0, 'A small, distinct piece of work.'),
  type('10004', 'Bug', 0, 'A problem.'),
  type('10005', 'Subtask', -1, 'A part of a task.'),
];

export const STATUSES: readonly Status[] = [
  { id: '10100', name: 'To Do', category: 'new' },
  { id: '10101', name: 'In Progress', category: 'indeterminate' },
  { id: '10102', name: 'Blocked', category: 'indeterminate' },
  { id: '10103', name: 'Done', category: 'done' },
  { id: '10104', name: 'Cancelled', category: 'done' },
];
export const FIRST_STATUS = '10100';

/** Not every status is one step away: To Do reaches Done by way of In Progress. */
export const TRANSITIONS: readonly Transition[] = [
  { id: '11', name: 'Start', from: ['10100', '10102'], to: '10101' },
  { id: '21', name: 'Block', from: ['10101'], to: '10102' },
  { id: '31', name: 'Finish', from: ['10101'], to: '10103' },
  { id: '41', name: 'Reopen', from: ['10103'], to: '10101' },
  { id: '51', name: 'Cancel', from: null, to: '10104' },
  { id: '61', name: 'Back to the list', from: ['10101', '10104'], to: '10100' },
];

export const PRIORITIES = [
  { id: '1', name: 'Highest' },
  { id: '2', name: 'High' },
  { id: '3', name: 'Medium' },
  { id: '4', name: 'Low' },
  { id: '5', name: 'Lowest' },
] as const;
export const DEFAULT_PRIORITY = '3';
export const DONE_RESOLUTION = { id: '10000', name: 'Done', description: 'Work has been completed on this issue.' };

export const LINK_TYPES: readonly LinkType[] = [
  { id: '10000', name: 'Blocks', inward: 'is blocked by', outward: 'blocks' },
  { id: '10001', name: 'Relates', inward: 'relates to', outward: 'relates to' },
];

const system = (id: string, name: string, kind: FieldDefinition['kind'], isEditable = true): FieldDefinition => ({
  id,
  name,
  kind,
  isCustom: false,
  isEditable,
});
const custom = (number: number, name: string, kind: FieldDefinition['kind']): FieldDefinition => ({
  id: `customfield_${number}`,
  name,
  kind,
  isCustom: true,
  isEditable: true,
});

export const FIELDS: readonly FieldDefinition[] = [
  system('summary', 'Summary', 'string'),
  system('issuetype', 'Issue Type', 'issuetype'),
  system('project', 'Project', 'project'),
  system('status', 'Status', 'status', false),
  system('resolution', 'Resolution', 'resolution', false),
  system('priority', 'Priority', 'priority'),
  system('description', 'Description', 'textarea'),
  system('environment', 'Environment', 'textarea'),
  system('labels', 'Labels', 'labels'),
  system('duedate', 'Due date', 'date'),
  system('parent', 'Parent', 'parent'),
  system('assignee', 'Assignee', 'user'),
  system('reporter', 'Reporter', 'user'),
  system('creator', 'Creator', 'user', false),
  system('created', 'Created', 'datetime', false),
  system('updated', 'Updated', 'datetime', false),
  system('issuelinks', 'Linked Issues', 'links', false),
  system('comment', 'Comment', 'comments', false),
  system('attachment', 'Attachment', 'attachments', false),
  custom(10201, 'Plan owner', 'string'),
  custom(10202, 'Definition of done', 'textarea'),
  custom(10203, 'Verification metric', 'textarea'),
  custom(10204, 'Entry criteria', 'textarea'),
  custom(10205, 'Exit criteria', 'textarea'),
  custom(10206, 'Plan dependencies', 'textarea'),
];
