import type { ProductEvent } from './event.ts';

/** A tracked event of acme's; fields that a test does not name say nothing. */
export function tracked(fields: Partial<ProductEvent> & Pick<ProductEvent, 'messageId'>): ProductEvent {
  const occurredAt = fields.occurredAt ?? '2026-10-01T00:00:00.000Z';
  return {
    type: 'track',
    name: 'Teammate Invited',
    accountKey: 'domain:acme.com',
    userId: 'u1',
    anonymousId: null,
    groupId: null,
    email: 'ines@acme.com',
    values: {},
    occurredAt,
    receivedAt: occurredAt,
    isBackfill: false,
    ...fields,
  };
}
