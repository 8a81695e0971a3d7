/** The port to where OAuth tokens are kept, for connections whose access tokens run out. What crosses it is secret: never logged, never in a message. */

/** What a vendor hands out for a refresh token. */
export interface TokenGrant {
  readonly accessToken: string;
  /** The next one: where the vendor rotates them, the one before is worth nothing any more. */
  readonly refreshToken: string;
  /** Instant, ISO. */
  readonly expiresAt: string;
}

export interface KeptGrant extends TokenGrant {
  /** For compare-and-set. */
  readonly version: number;
}

/** The tokens of one connection, shared by every process that works for it. */
export interface TokenVault {
  /** Null before the first refresh, and after a new consent. */
  read(): Promise<KeptGrant | null>;
  /** Resolves when the grant is durable; false where another process has replaced the version meanwhile. 0 is the version of nothing. */
  replace(grant: TokenGrant, expectedVersion: number): Promise<boolean>;
  /** Runs the work while no other process may; null where another holds it now. It is held for at most a minute. */
  exclusively<T>(work: () => Promise<T>): Promise<T | null>;
}
