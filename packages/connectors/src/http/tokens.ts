/**
 * Access tokens: one that stands in the configuration, or ones that run out and are refreshed (J06). However many workers meet an old token, one of them
 * refreshes it, and a new refresh token is durable before anything is sent with what came along: a crash in between loses no consent.
 */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { TokenGrant, TokenVault } from '@lockstep/domain/sync/tokens.port.ts';

export interface TokenSource {
  /** A token that is good as far as anybody knows. Rejects with `ConnectorError`. */
  current(): Promise<string>;
  /** Another one, after the vendor has said that this one has run out. `AuthExpired` where there is none to be had. */
  renewed(refused: string): Promise<string>;
}

/** A token that does not change. */
export function staticToken(token: string): TokenSource {
  return {
    current: async () => token,
    renewed: () => Promise.reject(new ConnectorError('AuthExpired', 'token: expected one that is valid, the configured one has run out')),
  };
}

export interface RefreshedTokenParts {
  readonly vault: TokenVault;
  /** From the consent; used until there is a grant in the vault. */
  readonly firstRefreshToken: string;
  /** Asks the vendor. Rejects with `ConnectorError`: `AuthRevoked` where the refresh token is not taken. */
  readonly refresh: (refreshToken: string) => Promise<TokenGrant>;
  readonly clock: () => Date;
  /** Waits while another process refreshes. */
  readonly wait?: (ms: number) => Promise<void>;
}

/** A token is not used in its last minute: it could run out on the way. */
const SPARE_MS = 60_000;
const LOOK_AGAIN_MS = 100;
/** Longer than a refresh takes: then another process has died in it, and its lease runs out. */
const MOST_LOOKS = 700;

export function refreshedToken(parts: RefreshedTokenParts): TokenSource {
  const { vault, clock, wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms)) } = parts;
  let known: TokenGrant | null = null;
  let running: Promise<TokenGrant> | null = null;
  /** The grant, where it is one and good. */
  const good = <G extends TokenGrant>(grant: G | null, refused: string | null): G | null =>
    grant !== null && grant.accessToken !== refused && Date.parse(grant.expiresAt) - clock().getTime() > SPARE_MS ? grant : null;

  const refreshed = async (refused: string | null): Promise<TokenGrant> => {
    // Somebody may have been faster.
    const kept = await vault.read();
    const faster = good(kept, refused);
    if (faster !== null) return faster;
    const grant = await parts.refresh(kept?.refreshToken ?? parts.firstRefreshToken);
    if (await vault.replace(grant, kept?.version ?? 0)) return grant;
    throw new ConnectorError('Transient', 'tokens: expected to be the only one to refresh them, another process has replaced them');
  };
  const found = async (refused: string | null): Promise<TokenGrant> => {
    for (let look = 0; look < MOST_LOOKS; look += 1) {
      const grant = good(await vault.read(), refused) ?? (await vault.exclusively(() => refreshed(refused)));
      if (grant !== null) return grant;
      await wait(LOOK_AGAIN_MS);
    }
    throw new ConnectorError('Transient', 'tokens: expected another process to refresh them, it has not within a minute');
  };
  /** At most one search in a process; who comes later waits for it. */
  const search = async (refused: string | null): Promise<string> => {
    running ??= found(refused).finally(() => {
      running = null;
    });
    known = await running;
    return known.accessToken;
  };
  return {
    current: async () => good(known, null)?.accessToken ?? search(null),
    renewed: async (refused) => good(known, refused)?.accessToken ?? search(refused),
  };
}
