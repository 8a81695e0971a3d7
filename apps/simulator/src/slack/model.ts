/** What the stand-in remembers: plain JSON, one document each. Times are epoch milliseconds; messages are named by conversation and `ts`. */

export interface UserRecord {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  readonly email: string | null;
  readonly tz: string;
  readonly locale: string;
  readonly isBot: boolean;
  readonly isDeleted: boolean;
  readonly updatedMs: number;
}

export interface ConversationRecord {
  readonly id: string;
  /** Null for a conversation of two. */
  readonly name: string | null;
  readonly kind: 'public_channel' | 'private_channel' | 'im';
  readonly creator: string;
  readonly createdMs: number;
  readonly isArchived: boolean;
  /** Ids of users, bots among them. */
  readonly members: readonly string[];
}

export type Json = Readonly<Record<string, unknown>>;

export interface MessageRecord {
  readonly conversation: string;
  readonly ts: string;
  readonly user: string;
  /** Of the app that posted it; null for a person. */
  readonly botId: string | null;
  readonly text: string;
  readonly blocks: readonly Json[] | null;
  readonly attachments: readonly Json[] | null;
  readonly metadata: { readonly event_type: string; readonly event_payload: Json } | null;
  readonly threadTs: string | null;
  readonly edited: { readonly user: string; readonly ts: string } | null;
  /** Seen by this user only, and in no history. */
  readonly onlyFor: string | null;
}

/** An app as it is installed: its token, what it may do, and what its administrator has set. */
export interface AppRecord {
  readonly id: string;
  /** As the request log names it. */
  readonly account: string;
  readonly token: string;
  readonly userId: string;
  readonly botId: string;
  readonly scopes: readonly string[];
  readonly signingSecret: string;
  /** Where presses of its buttons go; null: nowhere, people see a warning. */
  readonly interactivityUrl: string | null;
  readonly isRevoked: boolean;
  /** Whether people may be written to in the app's home. */
  readonly hasMessagesTab: boolean;
}

/** What the workspace's owners have set. */
export interface SettingsRecord {
  /** For how long a message may be edited; null: for ever. */
  readonly editWindowMinutes: number | null;
}

/** A delivery of interactivity, kept so that it can be sent again as it was. */
export interface PressRecord {
  readonly id: string;
  readonly url: string;
  readonly body: string;
  /** Epoch seconds of the signature. */
  readonly timestamp: number;
  readonly signature: string;
}

/** An address for answers to one press. */
export interface ResponseRecord {
  readonly id: string;
  readonly app: string;
  readonly user: string;
  readonly conversation: string;
  readonly ts: string;
  readonly untilMs: number;
  readonly left: number;
}
