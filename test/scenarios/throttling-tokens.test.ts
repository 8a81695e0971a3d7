/** J06. Tokens that run out: eight workers, each with connections and a pool of its own, on one portal of HubSpot and one PostgreSQL. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHubSpotConnector } from '@lockstep/connectors/hubspot/connector.ts';
import { hubspotRefresh } from '@lockstep/connectors/hubspot/oauth.ts';
import { refreshedToken } from '@lockstep/connectors/http/tokens.ts';
import { createLeases } from '@lockstep/store/leases.ts';
import { createPool } from '@lockstep/store/pool.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { createTokenVault } from '@lockstep/store/tokens.ts';
import type { Connector } from '@lockstep/domain/sync/connector.port.ts';
import type { TokenVault } from '@lockstep/domain/sync/tokens.port.ts';
import { sealing } from '@lockstep/worker/codec.ts';
import { expectLaws } from './laws.ts';
import { shippedMapping } from './shipped-mapping.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const database = useTestStore();
const FIRST = 'refresh-lockstep-0';
const HALF_AN_HOUR = 1_800_000;

interface Office {
  readonly now: () => Date;
  /** A worker's vault over a pool of its own. */
  readonly vault: (holder: string) => TokenVault;
  readonly connector: (baseUrl: string, vault: TokenVault) => Connector;
}

function office(): Office {
  const workspaceId = database.workspaceId();
  const seal = sealing({ current: 'k1', keys: new Map([['k1', randomBytes(32)]]) });
  const now = (): Date => new Date();
  return {
    now,
    vault(holder) {
      const pool = createPool(database.url, { max: 2 });
      onTestFinished(() => pool.end());
      const leases = createLeases({ pool, workspaceId });
      return createTokenVault({
        ...{ pool, workspaceId, leases, holder, connectionId: 'hubspot', sealing: seal, configured: FIRST },
        now: () => now().toISOString(),
      });
    },
    connector(baseUrl, vault) {
      const app = { baseUrl, clientId: 'lockstep-app', clientSecret: 'lockstep-app-secret' };
      const refresh = hubspotRefresh({ app, requestTimeoutMs: 10_000, clock: now });
      const accessToken = refreshedToken({ vault, firstRefreshToken: FIRST, refresh, clock: now });
      return createHubSpotConnector({
        ...{ connectionId: 'hubspot', mapping: shippedMapping('hubspot'), clock: now, requestTimeoutMs: 10_000 },
        credentials: { baseUrl, accessToken },
      });
    },
  };
}

const refreshes = async (world: World): Promise<readonly number[]> => {
  const { requests } = await world.admin<{ requests: readonly { path: string; status: number }[] }>('/requests?tool=hubspot&limit=1000');
  return requests.filter(({ path }) => path === '/oauth/v1/token').map(({ status }) => status);
};

describe('J. tokens', () => {
  it('J06 the token expires while eight workers run: one refreshes it, and all go on', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'hubspot'] });
    await world.rest();
    const { vault, connector } = office();
    const workers = Array.from({ length: 8 }, (_, index) => connector(world.simulator.urls.hubspot, vault(`worker-${index}`)));
    const scanned = async (): Promise<readonly number[]> => {
      const scan = (worker: Connector) => worker.pulls.pull({ mode: 'full', cursor: null, recentlyWrittenIds: [] });
      return (await Promise.all(workers.map(scan))).map(({ records }) => records.length);
    };
    const all = Array.from({ length: 8 }, () => 4);
    expect(await scanned()).toEqual(all);
    expect(await refreshes(world)).toEqual([200]);
    // By HubSpot's clock alone: the workers learn of it by a 401.
    await world.admin('/clock', 'POST', { advanceMs: HALF_AN_HOUR });
    expect(await scanned()).toEqual(all);
    expect(await refreshes(world)).toEqual([200, 200]);
    await expectLaws(world);
  });

  it('J06 the new refresh token is durable before it is used: a worker that dies between the two loses nothing', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'hubspot'] });
    await world.rest();
    const { vault, connector } = office();
    const inner = vault('dies');
    const steps: string[] = [];
    const noting: TokenVault = {
      ...inner,
      async replace(grant, version) {
        const { requests } = await world.admin<{ requests: readonly { account: string | null; path: string }[] }>(
          '/requests?tool=hubspot&limit=1000',
        );
        steps.push(`kept after ${requests.at(-1)?.path ?? ''}`);
        await inner.replace(grant, version);
        throw new Error('killed');
      },
    };
    await expect(connector(world.simulator.urls.hubspot, noting).pulls.fetch(['1'])).rejects.toThrow('killed');
    expect(steps).toEqual(['kept after /oauth/v1/token']);
    // Another worker finds the token that nobody has used yet; the refresh token that came before it would be refused.
    const next = connector(world.simulator.urls.hubspot, vault('lives'));
    expect((await next.pulls.pull({ mode: 'full', cursor: null, recentlyWrittenIds: [] })).records).toHaveLength(4);
    expect(await refreshes(world)).toEqual([200]);
    await world.admin('/clock', 'POST', { advanceMs: HALF_AN_HOUR });
    expect((await next.pulls.pull({ mode: 'full', cursor: null, recentlyWrittenIds: [] })).records).toHaveLength(4);
    expect(await refreshes(world)).toEqual([200, 200]);
    const { rows } = await database.pool.query<{ sealed: Buffer }>('select sealed from lockstep.tokens');
    expect(rows.map(({ sealed }) => /lockstep-\d/.test(sealed.toString('latin1')))).not.toContain(true);
    await expectLaws(world);
  });
});
