/** The audit log over the HTTP API, on a real PostgreSQL. */
import { exportedLine } from '@lockstep/domain/audit/entry-text.ts';
import { bytesOf, verifiesConsistency, verifiesInclusion } from '@lockstep/domain/audit/merkle.ts';
import { auditPageSchema, checkpointSchema, consistencySchema, inclusionSchema } from '@lockstep/api/audit-schemas.ts';
import type { AuditPage } from '@lockstep/api/audit-schemas.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { apiDesk } from '../worker/api-desk.ts';
import type { ApiDesk } from '../worker/api-desk.ts';
import { auditDesk, audited, exported } from './audit-desk.ts';
import type { AuditDesk } from './audit-desk.ts';

const database = useTestStore();
let log: AuditDesk;
let desk: ApiDesk;

beforeAll(async () => {
  log = auditDesk({ pool: database.pool, workspaceId: database.workspaceId() });
  await log.fill(4, 3, 2);
  desk = await apiDesk(database.store(), ['plan'], 'open', log.log);
});

const page = async (query: string): Promise<AuditPage> => auditPageSchema.parse((await desk.call('GET', `/v1/audit?${query}`)).body);

describe('the audit log over the API', () => {
  it('comes in pages, whose entries are those of the export and verify', async () => {
    const lines: string[] = [];
    for (let from: number | null = 0; from !== null;) {
      const { entries, next, size } = await page(`from=${from}&limit=4`);
      expect(size).toBe(9);
      lines.push(...entries.map(({ canonical, leaf }) => exportedLine(canonical, leaf)));
      from = next;
    }
    expect(lines).toEqual(await exported(log.log));
    expect(await page('from=9')).toEqual({ size: 9, entries: [], next: null });

    const { body } = await desk.call('GET', '/v1/audit/checkpoints?after=4');
    const checkpoints = checkpointSchema.array().parse((body as { checkpoints: unknown }).checkpoints);
    expect(checkpoints.map(({ size }) => size)).toEqual([7, 9]);
    expect(audited(lines, checkpoints, log.signer)).toMatchObject({ ok: true, provenTo: 9 });
  });

  it('case 74 is proven to go on from an earlier checkpoint, and to hold an entry, by hashes alone', async () => {
    const { proof, ...sizes } = consistencySchema.parse((await desk.call('GET', '/v1/audit/consistency?first=4&second=9')).body);
    const [first, , second] = log.witnessed();
    expect(sizes).toEqual({ first: 4, second: 9, firstRoot: first?.root, secondRoot: second?.root });
    const roots = { firstRoot: bytesOf(sizes.firstRoot), secondRoot: bytesOf(sizes.secondRoot) };
    expect(verifiesConsistency({ first: 4, second: 9, ...roots, proof: proof.map(bytesOf) })).toBe(true);

    const inclusion = inclusionSchema.parse((await desk.call('GET', '/v1/audit/entries/5/proof?size=7')).body);
    expect(inclusion).toMatchObject({ seq: 5, size: 7, root: log.witnessed()[1]?.root });
    const hashes = { leafHash: bytesOf(inclusion.leafHash), root: bytesOf(inclusion.root), proof: inclusion.proof.map(bytesOf) };
    expect(verifiesInclusion({ index: 5, size: 7, ...hashes })).toBe(true);
  });

  it.each([
    ['/v1/audit/consistency?first=0&second=9', 'size: expected 1 to 9, got 0'],
    ['/v1/audit/consistency?first=4&second=10', 'size: expected at most 9, got 10'],
    ['/v1/audit/entries/9/proof?size=9', 'leaf: expected 0 to 8, got 9'],
    ['/v1/audit/entries/0/proof?size=10', 'size: expected at most 9, got 10'],
  ])('a question that there is no proof for is refused: %s', async (path, message) => {
    expect(await desk.call('GET', path)).toEqual({ status: 400, body: { code: 'bad_request', message } });
  });

  it('needs a token, and cannot be written to', async () => {
    expect((await desk.call('GET', '/v1/audit', undefined, { authorization: 'Bearer another' })).status).toBe(401);
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await desk.call(method, '/v1/audit', {})).status).toBe(404);
  });
});
