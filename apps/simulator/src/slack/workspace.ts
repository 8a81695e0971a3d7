/** One workspace of Slack: users, apps, conversations and their messages; in memory, written through. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../kernel/clock.ts';
import type { Documents } from '../kernel/database.ts';
import type { AppRecord, ConversationRecord, MessageRecord, PressRecord, ResponseRecord, SettingsRecord, UserRecord } from './model.ts';

interface Records {
  readonly user: UserRecord;
  readonly app: AppRecord;
  readonly conversation: ConversationRecord;
  readonly press: PressRecord;
  readonly response: ResponseRecord;
}

export class Workspace {
  readonly users = new Map<string, UserRecord>();
  readonly apps = new Map<string, AppRecord>();
  readonly conversations = new Map<string, ConversationRecord>();
  readonly presses = new Map<string, PressRecord>();
  readonly responses = new Map<string, ResponseRecord>();
  /** By conversation, in order. */
  private readonly messages = new Map<string, MessageRecord[]>();
  private readonly documents: Documents;
  private readonly clock: Clock;
  private kept: SettingsRecord = { editWindowMinutes: null };
  private lastMicros = 0;

  constructor(documents: Documents, clock: Clock) {
    this.documents = documents;
    this.clock = clock;
    for (const kind of ['user', 'app', 'conversation', 'press', 'response'] as const)
      for (const record of documents.load(kind) as Iterable<Records[typeof kind]>)
        (this.mapOf(kind) as Map<string, unknown>).set(record.id, record);
    for (const settings of documents.load('settings') as Iterable<SettingsRecord>) this.kept = settings;
    const messages = [...(documents.load('message') as Iterable<MessageRecord>)];
    for (const message of messages.sort((left, right) => (left.ts < right.ts ? -1 : 1))) this.listOf(message.conversation).push(message);
    this.lastMicros = Math.max(0, ...messages.map(({ ts }) => Number(ts.replace('.', ''))));
  }

  private mapOf<K extends keyof Records>(kind: K): Map<string, Records[K]> {
    const maps = { user: this.users, app: this.apps, conversation: this.conversations, press: this.presses, response: this.responses };
    return maps[kind] as unknown as Map<string, Records[K]>;
  }

  private listOf(conversation: string): MessageRecord[] {
    const known = this.messages.get(conversation) ?? [];
    this.messages.set(conversation, known);
    return known;
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  get settings(): SettingsRecord {
    return this.kept;
  }

  keepSettings(settings: SettingsRecord): void {
    this.kept = settings;
    this.documents.put('settings', 'workspace', settings);
  }

  /** Runs changes as one unit on disk. */
  transaction<T>(work: () => T): T {
    return this.documents.transaction(work);
  }

  put<K extends keyof Records>(kind: K, record: Records[K]): void {
    this.mapOf(kind).set(record.id, record);
    this.documents.put(kind, record.id, record);
  }

  /** The next `ts`: seconds and microseconds, greater than every one before, whatever the clock does. */
  nextTs(): string {
    this.lastMicros = Math.max(this.lastMicros + 1, Math.floor(this.clock.nowMs() * 1_000));
    const digits = String(this.lastMicros).padStart(16, '0');
    return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  }

  /** A new id of the kind that a letter stands for. */
  newId(letter: string): string {
    return `${letter}0${randomBytes(5).toString('hex').toUpperCase().slice(0, 9)}`;
  }

  /** All of a conversation, oldest first, those for one user's eyes too. */
  messagesOf(conversation: string): readonly MessageRecord[] {
    return this.messages.get(conversation) ?? [];
  }

  message(conversation: string, ts: string): MessageRecord | undefined {
    return this.messagesOf(conversation).find((message) => message.ts === ts);
  }

  /** Puts a message in its place, or another in the place of one with its `ts`. */
  keepMessage(message: MessageRecord): void {
    const list = this.listOf(message.conversation);
    const at = list.findIndex(({ ts }) => ts === message.ts);
    if (at === -1) list.push(message);
    else list[at] = message;
    this.documents.put('message', `${message.conversation}/${message.ts}`, message);
  }

  removeMessage({ conversation, ts }: MessageRecord): void {
    const list = this.listOf(conversation);
    const at = list.findIndex((message) => message.ts === ts);
    if (at !== -1) list.splice(at, 1);
    this.documents.remove('message', `${conversation}/${ts}`);
  }

  /** The conversation of two users; undefined where they have none yet. */
  directBetween(one: string, other: string): ConversationRecord | undefined {
    return [...this.conversations.values()].find(({ kind, members }) => kind === 'im' && members.includes(one) && members.includes(other));
  }

  /** The conversation of two users, made where there is none. */
  openDirect(one: string, other: string): ConversationRecord {
    const known = this.directBetween(one, other);
    if (known !== undefined) return known;
    const made: ConversationRecord = {
      ...{ id: this.newId('D'), name: null, kind: 'im', creator: one, createdMs: this.nowMs(), isArchived: false, members: [one, other] },
    };
    this.put('conversation', made);
    return made;
  }
}
