/** What has been delivered, in order; in memory, written through. */
import type { Clock } from '../kernel/clock.ts';
import type { Documents } from '../kernel/database.ts';

export interface MailRecord {
  readonly id: string;
  readonly atMs: number;
  /** Of the envelope. */
  readonly from: string;
  readonly to: readonly string[];
  readonly messageId: string;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string | null;
  readonly html: string | null;
  /** True where the same Message-ID had come to the same address before: a mail program shows it once. */
  readonly isRepeat: boolean;
}

export interface Mailbox {
  add(mail: Omit<MailRecord, 'id' | 'atMs' | 'isRepeat'>): MailRecord;
  /** Oldest first. */
  list(): readonly MailRecord[];
}

export function createMailbox(documents: Documents, clock: Clock): Mailbox {
  const mails = [...(documents.load('mail') as Iterable<MailRecord>)];
  return {
    list: () => mails,
    add: (mail) => {
      const isRepeat = mails.some(({ messageId, to }) => messageId === mail.messageId && to.join() === mail.to.join());
      const kept: MailRecord = { ...mail, id: String(mails.length + 1).padStart(8, '0'), atMs: clock.nowMs(), isRepeat };
      mails.push(kept);
      documents.put('mail', kept.id, kept);
      return kept;
    },
  };
}
