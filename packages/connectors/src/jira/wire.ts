/** The shapes of Jira's REST v3 that we read, checked where they come in. Source: the vendor's OpenAPI document; unknown keys are let through. */
import { z } from 'zod';

const named = z.object({ id: z.string(), name: z.string() });

export const issueSchema = z.object({
  id: z.string(),
  key: z.string(),
  self: z.string().optional(),
  fields: z.record(z.string(), z.unknown()).default({}),
  properties: z.record(z.string(), z.unknown()).optional(),
});
export type WireIssue = z.infer<typeof issueSchema>;

export const searchSchema = z.object({
  issues: z.array(issueSchema).default([]),
  nextPageToken: z.string().nullish(),
  isLast: z.boolean().nullish(),
});
export const bulkFetchSchema = z.object({ issues: z.array(issueSchema).default([]) });
export const bulkCreateSchema = z.object({
  issues: z.array(z.object({ id: z.string(), key: z.string() })).default([]),
  errors: z
    .array(
      z.object({
        status: z.number().nullish(),
        failedElementNumber: z.number(),
        elementErrors: z
          .object({ errorMessages: z.array(z.string()).nullish(), errors: z.record(z.string(), z.string()).nullish() })
          .nullish(),
      }),
    )
    .default([]),
});
export const errorBodySchema = z.object({
  errorMessages: z.array(z.string()).nullish(),
  errors: z.record(z.string(), z.string()).nullish(),
});

export const fieldListSchema = z.array(
  z.object({ id: z.string(), name: z.string(), schema: z.object({ type: z.string(), custom: z.string().optional() }).optional() }),
);
export const issueTypePageSchema = z.object({ issueTypes: z.array(named).default([]) });
export const createFieldsSchema = z.object({
  fields: z
    .array(z.object({ fieldId: z.string(), name: z.string(), required: z.boolean(), hasDefaultValue: z.boolean().nullish() }))
    .default([]),
});
export const namedPageSchema = z.object({ values: z.array(named).default([]) });
export const statusesSchema = z.array(z.object({ id: z.string(), name: z.string(), statuses: z.array(named) }));
export const transitionsSchema = z.object({
  transitions: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      to: named.extend({ statusCategory: z.object({ key: z.string() }).nullish() }),
      fields: z.record(z.string(), z.object({ required: z.boolean(), hasDefaultValue: z.boolean().nullish() })).nullish(),
    }),
  ),
});
export const serverInfoSchema = z.object({ serverTime: z.string() });
/** `expirationDate`: epoch milliseconds. */
export const dynamicWebhooksSchema = z.object({ values: z.array(z.object({ id: z.number(), expirationDate: z.number() })) });
export const myselfSchema = z.object({ accountId: z.string(), timeZone: z.string().optional() });
export const linkTypesSchema = z.object({ issueLinkTypes: z.array(z.object({ id: z.string(), name: z.string() })) });
export const permissionsSchema = z.object({ permissions: z.record(z.string(), z.object({ havePermission: z.boolean() })) });

export const changelogSchema = z.object({
  issueChangeLogs: z.array(
    z.object({
      issueId: z.string(),
      changeHistories: z.array(
        z.object({
          id: z.string(),
          created: z.union([z.number(), z.string()]),
          author: z.object({ accountId: z.string() }).nullish(),
          items: z.array(
            z.object({
              fieldId: z.string().nullish(),
              field: z.string(),
              from: z.string().nullish(),
              fromString: z.string().nullish(),
              to: z.string().nullish(),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** A value with an id and a name (status, priority, issue type), as it stands in an issue's fields. */
export const namedValueSchema = named;
export const linkValueSchema = z.array(
  z.object({
    id: z.string(),
    type: z.object({ name: z.string() }),
    inwardIssue: z.object({ id: z.string(), key: z.string() }).optional(),
    outwardIssue: z.object({ id: z.string(), key: z.string() }).optional(),
  }),
);
export const webhookSchema = z.object({
  webhookEvent: z.string(),
  issue: z.object({ id: z.string() }).optional(),
  issueLink: z.object({ sourceIssueId: z.number(), destinationIssueId: z.number() }).optional(),
});

export const commentSchema = z.object({
  id: z.string(),
  author: z.object({ displayName: z.string().nullish() }).nullish(),
  body: z.unknown(),
  created: z.string(),
});
export type WireComment = z.infer<typeof commentSchema>;
export const commentPageSchema = z.object({ comments: z.array(commentSchema), total: z.number() });
export const attachmentsSchema = z.array(
  z.object({
    id: z.string(),
    filename: z.string(),
    size: z.number(),
    mimeType: z.string().nullish(),
    created: z.string(),
    author: z.object({ displayName: z.string().nullish() }).nullish(),
  }),
);
