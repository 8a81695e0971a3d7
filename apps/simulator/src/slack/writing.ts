/** What a message is made of: text, blocks, attachments, metadata; checked, in the vendor's order. */
import type { Arguments } from './arguments.ts';
import { jsonAt, textAt } from './arguments.ts';
import { blocksAt } from './block-kit.ts';
import { SlackError } from './errors.ts';
import type { Json, MessageRecord } from './model.ts';

/** https://docs.slack.dev/changelog/2018-truncating-really-long-messages */
const LONGEST_TEXT = 40_000;
const MOST_ATTACHMENTS = 100;
/** Slack names the refusal and not the figure: ours. */
const MOST_METADATA_BYTES = 16_000;
const LONGEST_EVENT_TYPE = 255;

export interface Content {
  readonly text: string | undefined;
  readonly blocks: readonly Json[] | undefined;
  readonly attachments: readonly Json[] | undefined;
  readonly metadata: MessageRecord['metadata'] | undefined;
}

/** What is given; undefined what is not. Refuses what Slack would. */
export function contentAt(args: Arguments): Content {
  const text = textAt(args, 'text');
  if (text !== undefined && text.length > LONGEST_TEXT) throw new SlackError('msg_too_long');
  const blocks = jsonAt(args, 'blocks', 'invalid_blocks_format');
  const attachments = jsonAt(args, 'attachments', 'invalid_attachments');
  const metadata = jsonAt(args, 'metadata', 'invalid_metadata_format');
  return {
    text,
    blocks: blocks === undefined ? undefined : blocksAt(blocks),
    attachments: attachments === undefined ? undefined : attachmentsAt(attachments),
    metadata: metadata === undefined ? undefined : metadataAt(metadata),
  };
}

/** Refuses a message of nothing. */
export function refuseEmpty({ text = '', blocks = [], attachments = [] }: Partial<Content>): void {
  if (text === '' && blocks.length === 0 && attachments.length === 0) throw new SlackError('no_text');
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function attachmentsAt(value: unknown): readonly Json[] {
  if (!Array.isArray(value) || !(value as readonly unknown[]).every(isObject)) throw new SlackError('invalid_attachments');
  if (value.length > MOST_ATTACHMENTS) throw new SlackError('too_many_attachments');
  return value.map((attachment: Json, index) => ({ id: index + 1, fallback: '', ...attachment }));
}

/** `{event_type, event_payload}`; an empty object takes it away. Source: https://docs.slack.dev/messaging/message-metadata */
function metadataAt(value: unknown): MessageRecord['metadata'] {
  if (!isObject(value)) throw new SlackError('invalid_metadata_format');
  if (Object.keys(value).length === 0) return null;
  const { event_type: type, event_payload: payload } = value;
  if (typeof type !== 'string' || type === '' || type.length > LONGEST_EVENT_TYPE || !isObject(payload))
    throw new SlackError('invalid_metadata_format');
  if (Buffer.byteLength(JSON.stringify(value)) > MOST_METADATA_BYTES) throw new SlackError('metadata_too_large');
  return { event_type: type, event_payload: payload };
}
