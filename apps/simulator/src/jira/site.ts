/**
 * The state of one Jira site: every record in memory, written through to the simulator's database. Routes, the page and the webhooks work on it.
 */
import type { Documents } from '../kernel/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { issueMissing } from './errors.ts';
import type { Change, ChangeItem, Comment, Issue, IssueLink, User, Values, Webhook, Workflow } from './model.ts';
import { changeWords } from './change-words.ts';
import { FIELDS, PROJECT, STATUSES, TRANSITIONS, USERS } from './scenario.ts';

/** How long a search does not show a write yet. Jira says "a few seconds to minutes". */
const INDEX_LAG_MS = 1_000;

/** What happened, for the webhooks. */
export interface SiteEvent {
  readonly name:
    | 'jira:issue_created'
    | 'jira:issue_updated'
    | 'jira:issue_deleted'
    | 'issuelink_created'
    | 'issuelink_deleted'
    | 'comment_created'
    | 'comment_updated'
    | 'comment_deleted';
  readonly issue: Issue | null;
  readonly user: User;
  readonly change: Change | null;
  readonly link: IssueLink | null;
  readonly comment?: Comment;
}

export class Site {
  readonly issues = new Map<string, Issue>();
  readonly links = new Map<string, IssueLink>();
  readonly webhooks = new Map<number, Webhook>();
  workflow: Workflow;
  private readonly byKey = new Map<string, string>();
  private readonly documents: Documents;
  private readonly clock: Clock;
  /** Issue id → ids of its links, in the order of their making. */
  private readonly linkIds = new Map<string, Set<string>>();
  private listener: (event: SiteEvent) => void = () => undefined;
  private counters: Record<'issue' | 'key' | 'change' | 'link' | 'webhook' | 'comment' | 'attachment', number>;

  private readonly indexLagMs: () => number;

  constructor(documents: Documents, clock: Clock, indexLagMs: () => number | null) {
    this.indexLagMs = () => indexLagMs() ?? INDEX_LAG_MS;
    this.documents = documents;
    this.clock = clock;
    for (const issue of documents.load('issue') as Iterable<Issue>) this.remember(issue);
    for (const link of documents.load('link') as Iterable<IssueLink>) this.rememberLink(link);
    for (const webhook of documents.load('webhook') as Iterable<Webhook>) this.webhooks.set(webhook.id, webhook);
    const [workflow] = documents.load('workflow') as Iterable<Workflow>;
    this.workflow = workflow ?? { statuses: STATUSES, transitions: TRANSITIONS };
    const [counters] = documents.load('counters') as Iterable<Site['counters']>;
    this.counters = { issue: 10_000, key: 0, change: 10_000, link: 10_000, webhook: 0, comment: 10_000, attachment: 10_000, ...counters };
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  onEvent(listener: (event: SiteEvent) => void): void {
    this.listener = listener;
  }

  emit(event: SiteEvent): void {
    this.listener(event);
  }

  transaction<T>(work: () => T): T {
    return this.documents.transaction(work);
  }

  next(counter: keyof Site['counters']): number {
    this.counters[counter] += 1;
    this.documents.put('counters', 'counters', this.counters);
    return this.counters[counter];
  }

  private remember(issue: Issue): void {
    this.issues.set(issue.id, issue);
    this.byKey.set(issue.key, issue.id);
  }

  /** An issue by id or key, whatever the case of the key; undefined where there is none. */
  find(idOrKey: string): Issue | undefined {
    return this.issues.get(idOrKey) ?? this.issues.get(this.byKey.get(idOrKey.toUpperCase()) ?? '');
  }

  /** An issue that the user may see, or Jira's 404. */
  issue(user: User, idOrKey: string): Issue {
    const issue = this.find(idOrKey);
    if (issue === undefined || !user.isMember) throw issueMissing();
    return issue;
  }

  create(user: User, values: Values, properties: Record<string, unknown>): Issue {
    const nowMs = this.nowMs();
    const issue: Issue = {
      id: String(this.next('issue')),
      key: `${PROJECT.key}-${this.next('key')}`,
      createdMs: nowMs,
      updatedMs: nowMs,
      indexedAtMs: nowMs + this.indexLagMs(),
      indexed: null,
      creator: user.accountId,
      values,
      properties,
      changes: [],
      comments: [],
      attachments: [],
    };
    this.remember(issue);
    this.save(issue);
    this.emit({ name: 'jira:issue_created', issue, user, change: null, link: null });
    return issue;
  }

  /** Sets values; what does not differ is no change, and without a change nothing is touched. */
  change(user: User, issue: Issue, values: Values): Change | null {
    const items: ChangeItem[] = [];
    for (const [fieldId, value] of Object.entries(values)) {
      const before = issue.values[fieldId] ?? null;
      if (JSON.stringify(before) === JSON.stringify(value ?? null)) continue;
      items.push(this.changeItem(fieldId, before, value));
    }
    if (items.length === 0) return null;
    this.touch(issue);
    issue.values = { ...issue.values, ...values };
    return this.note(user, issue, items);
  }

  /** Moves an issue to another project: its id stays, its key is another, and the old key leads to it still. */
  rename(user: User, issue: Issue, key: string): Change {
    const [before, after] = [issue.key, key];
    this.touch(issue);
    issue.key = key;
    this.byKey.set(key, issue.id);
    const words = { from: null, fromString: before, to: null, toString: after };
    return this.note(user, issue, [{ field: 'Key', fieldId: 'key', fieldtype: 'jira', ...words }]);
  }

  /** Writes a change into the issue's history and tells the webhooks. */
  note(user: User, issue: Issue, items: readonly ChangeItem[]): Change {
    const change: Change = { id: String(this.next('change')), atMs: issue.updatedMs, accountId: user.accountId, items };
    issue.changes.push(change);
    this.save(issue);
    this.emit({ name: 'jira:issue_updated', issue, user, change, link: null });
    return change;
  }

  /** A write: newer than any before, and searches show the old state for a while. */
  touch(issue: Issue): void {
    const nowMs = this.nowMs();
    if (issue.indexedAtMs <= nowMs) issue.indexed = { values: issue.values, updatedMs: issue.updatedMs };
    issue.updatedMs = Math.max(nowMs, issue.updatedMs + 1);
    issue.indexedAtMs = nowMs + this.indexLagMs();
  }

  delete(user: User, issue: Issue): void {
    this.issues.delete(issue.id);
    this.byKey.delete(issue.key);
    this.documents.remove('issue', issue.id);
    for (const link of this.linksOf(issue.id)) this.removeLink(link);
    this.emit({ name: 'jira:issue_deleted', issue, user, change: null, link: null });
  }

  linksOf(issueId: string): readonly IssueLink[] {
    return [...(this.linkIds.get(issueId) ?? [])].flatMap((id) => this.links.get(id) ?? []);
  }

  private rememberLink(link: IssueLink): void {
    this.links.set(link.id, link);
    for (const issueId of [link.inwardId, link.outwardId]) this.linkIds.set(issueId, (this.linkIds.get(issueId) ?? new Set()).add(link.id));
  }

  addLink(link: IssueLink): void {
    this.rememberLink(link);
    this.documents.put('link', link.id, link);
  }

  removeLink(link: IssueLink): void {
    this.links.delete(link.id);
    for (const issueId of [link.inwardId, link.outwardId]) this.linkIds.get(issueId)?.delete(link.id);
    this.documents.remove('link', link.id);
  }

  childrenOf(issueId: string): readonly Issue[] {
    return [...this.issues.values()].filter((issue) => issue.values['parent'] === issueId);
  }

  save(issue: Issue): void {
    this.documents.put('issue', issue.id, issue);
  }

  /** What an administrator changes in the settings. Issues keep the status that they have. */
  saveWorkflow(workflow: Workflow): void {
    this.workflow = workflow;
    this.documents.put('workflow', 'workflow', workflow);
  }

  saveWebhook(webhook: Webhook): void {
    this.webhooks.set(webhook.id, webhook);
    this.documents.put('webhook', String(webhook.id), webhook);
  }

  removeWebhook(id: number): void {
    this.webhooks.delete(id);
    this.documents.remove('webhook', String(id));
  }

  user(accountId: unknown): User | undefined {
    return USERS.find((user) => user.accountId === accountId);
  }

  private changeItem(fieldId: string, before: unknown, after: unknown): ChangeItem {
    const field = FIELDS.find((candidate) => candidate.id === fieldId);
    const names = { statuses: this.workflow.statuses, keyOf: (id: unknown): string | null => this.find(String(id))?.key ?? null };
    const [from, fromString] = changeWords(fieldId, before, names);
    const [to, toString] = changeWords(fieldId, after, names);
    return {
      field: field?.isCustom === true ? field.name : fieldId,
      fieldId,
      fieldtype: field?.isCustom === true ? 'custom' : 'jira',
      from,
      fromString,
      to,
      toString,
    };
  }
}
