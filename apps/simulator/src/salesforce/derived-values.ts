/** What Salesforce itself sets beside what a client wrote. */
import { STAGES } from './crm-objects.ts';
import type { Scalar, Values } from './model.ts';
import { instantText } from './time.ts';

/** `set` is what a client wrote, `after` all values with it, `find` the values of another record. */
export function derivedValues(
  object: string,
  change: { readonly set: Values; readonly before: Values; readonly after: Values },
  nowMs: number,
  find: (id: Scalar | undefined) => Values | undefined,
): Record<string, Scalar> {
  const { set, before, after } = change;
  switch (object) {
    case 'Contact':
    case 'Lead':
    case 'User':
      return { Name: [after['FirstName'], after['LastName']].filter((part) => part != null).join(' ') };
    case 'Opportunity':
      return opportunity(set, after);
    case 'Task':
      return task(before, after, nowMs, find);
    default:
      return {};
  }
}

function opportunity(set: Values, after: Values): Record<string, Scalar> {
  const stage = STAGES.find(({ name }) => name === after['StageName']);
  // A new stage brings its probability along, unless one is written with it.
  const isImplied = set['StageName'] !== undefined && set['Probability'] === undefined && stage !== undefined;
  const probability = isImplied ? stage.probability : (after['Probability'] ?? 0);
  const amount = after['Amount'] ?? null;
  return {
    Probability: probability,
    IsClosed: stage?.isClosed ?? false,
    IsWon: stage?.isWon ?? false,
    ForecastCategory: stage?.forecast ?? 'Pipeline',
    ExpectedRevenue: amount === null ? null : Math.round(Number(amount) * Number(probability)) / 100,
  };
}

function task(before: Values, after: Values, nowMs: number, find: (id: Scalar | undefined) => Values | undefined): Record<string, Scalar> {
  const isClosed = after['Status'] === 'Completed';
  const what = find(after['WhatId']);
  const isAccount = String(after['WhatId'] ?? '').startsWith('001');
  return {
    IsClosed: isClosed,
    IsHighPriority: after['Priority'] === 'High',
    CompletedDateTime: isClosed ? (before['IsClosed'] === true ? (before['CompletedDateTime'] ?? null) : instantText(nowMs)) : null,
    AccountId: isAccount ? (after['WhatId'] ?? null) : (what?.['AccountId'] ?? find(after['WhoId'])?.['AccountId'] ?? null),
  };
}
