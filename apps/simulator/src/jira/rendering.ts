/** Records as Jira's REST v3 shows them. */
import { badRequest } from './errors.ts';
import type { Attachment, Change, Comment, FieldDefinition, Issue, IssueLink, User } from './model.ts';
import { DONE_RESOLUTION, FIELDS, ISSUE_TYPES, LINK_TYPES, PRIORITIES, PROJECT } from './scenario.ts';
import type { Site } from './site.ts';
import { shownTime } from './time.ts';

const CATEGORIES = {
  new: { id: 2, key: 'new', colorName: 'blue-gray', name: 'To Do' },
  indeterminate: { id: 4, key: 'indeterminate', colorName: 'yellow', name: 'In Progress' },
  done: { id: 3, key: 'done', colorName: 'green', name: 'Done' },
} as const;

export class Rendering {
  private readonly site: Site;
  private readonly baseUrl: () => string;

  constructor(site: Site, baseUrl: () => string) {
    this.site = site;
    this.baseUrl = baseUrl;
  }

  private self(path: string): string {
    return `${this.baseUrl()}/rest/api/3/${path}`;
  }

  user(user: User | undefined): unknown {
    if (user === undefined) return null;
    return {
      self: this.self(`user?accountId=${encodeURIComponent(user.accountId)}`),
      accountId: user.accountId,
      emailAddress: user.emailAddress,
      displayName: user.displayName,
      active: true,
      timeZone: user.timeZone,
      accountType: 'atlassian',
      avatarUrls: {},
    };
  }

  status(id: unknown): unknown {
    const status = this.site.workflow.statuses.find((candidate) => candidate.id === id);
    if (status === undefined) return null;
    const category = CATEGORIES[status.category];
    return {
      self: this.self(`status/${status.id}`),
      description: '',
      iconUrl: `${this.baseUrl()}/`,
      name: status.name,
      id: status.id,
      statusCategory: { self: this.self(`statuscategory/${category.id}`), ...category },
    };
  }

  issueType(id: unknown): unknown {
    const type = ISSUE_TYPES.find((candidate) => candidate.id === id);
    return type === undefined
      ? null
      : { self: this.self(`issuetype/${type.id}`), ...type, iconUrl: `${this.baseUrl()}/`, avatarId: 10_300 };
  }

  priority(id: unknown): unknown {
    const priority = PRIORITIES.find((candidate) => candidate.id === id);
    return priority === undefined ? null : { self: this.self(`priority/${priority.id}`), iconUrl: `${this.baseUrl()}/`, ...priority };
  }

  project(): unknown {
    return {
      self: this.self(`project/${PROJECT.id}`),
      id: PROJECT.id,
      key: PROJECT.key,
      name: PROJECT.name,
      projectTypeKey: PROJECT.projectTypeKey,
      simplified: false,
      avatarUrls: {},
    };
  }

  /** The short form in links and parents. */
  private brief(issue: Issue): unknown {
    return {
      id: issue.id,
      key: issue.key,
      self: this.self(`issue/${issue.id}`),
      fields: {
        summary: issue.values['summary'],
        status: this.status(issue.values['status']),
        priority: this.priority(issue.values['priority']),
        issuetype: this.issueType(issue.values['issuetype']),
      },
    };
  }

  link(link: IssueLink, seenFrom: string): unknown {
    const type = LINK_TYPES.find((candidate) => candidate.id === link.typeId);
    const other = this.site.issues.get(link.inwardId === seenFrom ? link.outwardId : link.inwardId);
    const side = link.inwardId === seenFrom ? 'outwardIssue' : 'inwardIssue';
    return {
      id: link.id,
      self: this.self(`issueLink/${link.id}`),
      type: { ...type, self: this.self(`issueLinkType/${link.typeId}`) },
      ...(other === undefined ? {} : { [side]: this.brief(other) }),
    };
  }

  wholeLink(link: IssueLink): unknown {
    const type = LINK_TYPES.find((candidate) => candidate.id === link.typeId);
    const [inward, outward] = [this.site.issues.get(link.inwardId), this.site.issues.get(link.outwardId)];
    return {
      id: link.id,
      self: this.self(`issueLink/${link.id}`),
      type: { ...type, self: this.self(`issueLinkType/${link.typeId}`) },
      ...(inward === undefined ? {} : { inwardIssue: this.brief(inward) }),
      ...(outward === undefined ? {} : { outwardIssue: this.brief(outward) }),
    };
  }

  comment(comment: Comment, issue: Issue, viewer: User): unknown {
    const author = this.user(this.site.user(comment.author));
    return {
      self: this.self(`issue/${issue.id}/comment/${comment.id}`),
      id: comment.id,
      author,
      body: comment.body,
      updateAuthor: author,
      created: shownTime(comment.createdMs, viewer.timeZone),
      updated: shownTime(comment.updatedMs, viewer.timeZone),
      jsdPublic: true,
    };
  }

  attachment(attachment: Attachment, viewer: User): { readonly id: string } {
    const shown = {
      self: this.self(`attachment/${attachment.id}`),
      id: attachment.id,
      filename: attachment.filename,
      mimeType: attachment.mimeType,
      size: attachment.size,
      author: this.user(this.site.user(attachment.author)),
      created: shownTime(attachment.createdMs, viewer.timeZone),
      content: this.self(`attachment/content/${attachment.id}`),
    };
    return shown;
  }

  change(change: Change, viewer: User): unknown {
    return {
      id: change.id,
      author: this.user(this.site.user(change.accountId)),
      created: shownTime(change.atMs, viewer.timeZone),
      items: change.items,
    };
  }

  fieldValue(field: FieldDefinition, issue: Issue, viewer: User): unknown {
    const value = issue.values[field.id] ?? null;
    switch (field.kind) {
      case 'issuetype':
        return this.issueType(value);
      case 'project':
        return this.project();
      case 'status':
        return this.status(value);
      case 'resolution':
        return value === null ? null : { self: this.self(`resolution/${DONE_RESOLUTION.id}`), ...DONE_RESOLUTION };
      case 'priority':
        return this.priority(value);
      case 'labels':
        return value ?? [];
      case 'user':
        return this.user(this.site.user(field.id === 'creator' ? issue.creator : value));
      case 'datetime':
        return shownTime(field.id === 'created' ? issue.createdMs : issue.updatedMs, viewer.timeZone);
      case 'links':
        return this.site.linksOf(issue.id).map((link) => this.link(link, issue.id));
      case 'comments':
        return {
          comments: issue.comments.map((comment) => this.comment(comment, issue, viewer)),
          self: this.self(`issue/${issue.id}/comment`),
          maxResults: issue.comments.length,
          total: issue.comments.length,
          startAt: 0,
        };
      case 'attachments':
        return issue.attachments.map((attachment) => this.attachment(attachment, viewer));
      case 'parent': {
        const parent = typeof value === 'string' ? this.site.issues.get(value) : undefined;
        return parent === undefined ? null : this.brief(parent);
      }
      default:
        return value;
    }
  }

  /** An issue with the fields that were asked for. */
  issue(issue: Issue, viewer: User, asked: IssueView): unknown {
    const fields: Record<string, unknown> = {};
    for (const field of asked.fields) {
      const value = this.fieldValue(field, issue, viewer);
      // Jira leaves the parent out where there is none; other fields are null.
      if (!(field.kind === 'parent' && value === null)) fields[field.id] = value;
    }
    const properties = Object.fromEntries(
      asked.properties.flatMap((key) => (key in issue.properties ? [[key, issue.properties[key]]] : [])),
    );
    return {
      expand: 'renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations',
      id: issue.id,
      self: this.self(`issue/${issue.id}`),
      key: issue.key,
      ...(asked.fields.length === 0 ? {} : { fields }),
      ...(asked.properties.length === 0 ? {} : { properties }),
      ...(asked.changelog
        ? {
            changelog: {
              startAt: 0,
              maxResults: issue.changes.length,
              total: issue.changes.length,
              histories: issue.changes.toReversed().map((change) => this.change(change, viewer)),
            },
          }
        : {}),
    };
  }

  fieldDetails(field: FieldDefinition): unknown {
    return {
      id: field.id,
      key: field.id,
      name: field.name,
      custom: field.isCustom,
      orderable: true,
      navigable: true,
      searchable: true,
      clauseNames: field.isCustom ? [`cf[${field.id.slice('customfield_'.length)}]`, field.name] : [field.id],
      schema: fieldSchema(field),
    };
  }
}

/** What a client asked to see of issues. */
export interface IssueView {
  readonly fields: readonly FieldDefinition[];
  readonly properties: readonly string[];
  readonly changelog: boolean;
}

/** The view that `fields`, `properties` and `expand` describe. Unknown field names show nothing, as in Jira. */
export function issueView(fields: readonly string[], properties: readonly string[], expand: string): IssueView {
  if (properties.length > 5) throw badRequest('The maximum number of properties is 5.');
  const removed = new Set(fields.filter((name) => name.startsWith('-')).map((name) => name.slice(1)));
  const isAll =
    fields.includes('*all') || fields.includes('*navigable') || (fields.length > 0 && fields.every((name) => name.startsWith('-')));
  const shown = FIELDS.filter((field) => (isAll || fields.includes(field.id) || fields.includes(field.name)) && !removed.has(field.id));
  return { fields: shown, properties, changelog: expand.split(',').includes('changelog') };
}

const SCHEMA_TYPES: Readonly<Record<FieldDefinition['kind'], string>> = {
  string: 'string',
  textarea: 'string',
  labels: 'array',
  priority: 'priority',
  issuetype: 'issuetype',
  status: 'status',
  parent: 'issuelink',
  user: 'user',
  date: 'date',
  datetime: 'datetime',
  project: 'project',
  links: 'array',
  resolution: 'resolution',
  comments: 'comments-page',
  attachments: 'array',
  number: 'number',
};

export function fieldSchema(field: FieldDefinition): unknown {
  const type = SCHEMA_TYPES[field.kind];
  if (!field.isCustom) return { type, system: field.id, ...(field.kind === 'labels' ? { items: 'string' } : {}) };
  return {
    type,
    custom: `com.atlassian.jira.plugin.system.customfieldtypes:${field.kind === 'textarea' ? 'textarea' : 'textfield'}`,
    customId: Number(field.id.slice('customfield_'.length)),
  };
}
