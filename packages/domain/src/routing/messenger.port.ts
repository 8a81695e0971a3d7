/**
 * The port to whatever tells people: a chat, a mail server. It knows nothing of the channel's forms; texts are raw, the channel makes them inert and
 * clips them. Every method rejects with `ConnectorError` (sync/errors.ts) only.
 */

/** The channels, in the order in which they are tried for somebody who can be reached by all of them. */
export const CHANNELS = ['slack', 'mail'] as const;
export type Channel = (typeof CHANNELS)[number];

/** What a person is told. Lines and labels are one line of plain text each: whatever they hold, nothing in them is a command to the channel. */
export interface Notice {
  readonly title: string;
  /** Why it comes to this person: one reason a line, the weightiest first. */
  readonly why: readonly string[];
  /** Points of the score as the spec counts them; null where the notice is not about a lead. */
  readonly score: number | null;
  /** Instant, ISO; shown in the reader's zone, whose name is shown too. Null where no clock runs. */
  readonly deadlineIso: string | null;
  readonly link: NoticeLink | null;
  /** None where nothing is left to decide; a channel without buttons leaves them out and says where to go. */
  readonly buttons: readonly NoticeButton[];
}

export interface NoticeLink {
  readonly label: string;
  /** http or https; another one is refused as `Invalid`. */
  readonly url: string;
}

export interface NoticeButton {
  readonly label: string;
  /** What is pressed, for the program: at most 255 characters, never clipped. */
  readonly actionId: string;
  /** What it is pressed about: at most 2,000 characters, never clipped. */
  readonly value: string;
  readonly tone: 'plain' | 'primary' | 'danger';
}

/** Who reads it, with every address that is known. A channel for which there is no address refuses with `NotFound`: the next one is tried. */
export interface NoticeReader {
  /** Slack's id of the person (`U…`); null where it is to be looked up by e-mail. */
  readonly slackUserId: string | null;
  readonly email: string | null;
  /** BCP 47 (`de-DE`), and an IANA zone (`Europe/Berlin`), for showing instants. */
  readonly locale: string;
  readonly zone: string;
}

export interface OutgoingNotice {
  /** From business identity, `<pql>/<purpose>`: the reader sees one message for it, however often it is sent. */
  readonly key: string;
  readonly reader: NoticeReader;
  readonly notice: Notice;
  /** The instant of the first attempt where this one is not the first: then it is looked for before anything is sent. Null: nobody has tried. */
  readonly triedSinceIso: string | null;
}

/** Where a message lies, so that it can be changed. Plain JSON, to be kept with the decision. */
export interface NoticeReceipt {
  readonly channel: Channel;
  /** Slack: the id of the conversation. Mail: the address. */
  readonly conversation: string;
  /** Slack: the message's `ts`. Mail: its Message-ID. */
  readonly message: string;
  /** True where an earlier attempt had already delivered it. */
  readonly wasThere: boolean;
}

export interface Messenger {
  readonly channel: Channel;
  /**
   * Delivers a notice. `OutcomeUnknown`: it may have been delivered; call again with `triedSinceIso`, and it is looked up first. No retries inside:
   * what fails is told at once.
   */
  post(message: OutgoingNotice): Promise<NoticeReceipt>;
  /** Null where the channel cannot look: then `post` is safe to repeat in another way. */
  readonly find: ((key: string, reader: NoticeReader, sinceIso: string) => Promise<NoticeReceipt | null>) | null;
  /** Puts another notice in its place; may be repeated. Null where what was sent stays as it is. */
  readonly update: ((receipt: NoticeReceipt, key: string, reader: NoticeReader, notice: Notice) => Promise<void>) | null;
}
