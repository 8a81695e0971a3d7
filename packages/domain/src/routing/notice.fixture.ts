/** A notice and its reader, for tests. */
import type { Notice, NoticeReader } from './messenger.port.ts';

export const READER: NoticeReader = { slackUserId: 'U0LENA001', email: 'lena@growth.example', locale: 'en-GB', zone: 'Europe/Berlin' };

export const NOTICE: Notice = {
  title: 'Northwind Bikes crossed the SMB threshold',
  why: ['3 teammates invited in 2 days', 'Billing page opened twice'],
  score: 82,
  deadlineIso: '2026-10-26T11:30:00.000Z',
  link: { label: 'Open in the CRM', url: 'https://crm.example/accounts/42?tab=pql&from=slack' },
  buttons: [
    { label: 'Accept', actionId: 'pql_accept', value: 'pql-1', tone: 'primary' },
    { label: 'Decline', actionId: 'pql_decline', value: 'pql-1', tone: 'danger' },
    { label: 'Snooze', actionId: 'pql_snooze', value: 'pql-1', tone: 'plain' },
  ],
};
