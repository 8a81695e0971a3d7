import { expect, test } from 'vitest';
import { salesforceAside } from './salesforce-crm.ts';
import { salesforceLimits } from './salesforce-limits.ts';
import { tourSalesforce } from './salesforce-tour.ts';
import { OBJECTS, salesforceRoutes, salesforceWords } from './salesforce-words.ts';
import { contractLaws } from './suite.ts';

type Record = Readonly<{ [name: string]: unknown }>;

interface Subrequest {
  readonly method: string;
  readonly url: string;
  readonly body?: Record;
}

interface Composite {
  readonly compositeRequest: readonly Subrequest[];
}

/** What a subrequest writes: one record by its address, or those of a collection. Fields of ours are not in the contract; null, which it does not know, clears. */
function recordsIn({ method, url, body }: Subrequest): readonly { method: string; object: string; record: Record }[] {
  if (body === undefined) return [];
  const isKnown = ([name, value]: readonly [string, unknown]): boolean => value !== null && !name.endsWith('__c') && name !== 'Id';
  const plain = (record: Record): Record => Object.fromEntries(Object.entries(record).filter(isKnown));
  const single = /\/sobjects\/(\w+)/.exec(url.replace('/composite/sobjects', ''))?.[1];
  if (single !== undefined) return [{ method, object: single, record: plain(body) }];
  return ((body['records'] ?? []) as readonly Record[]).map((record) => ({
    method,
    object: (record['attributes'] as { readonly type: string }).type,
    record: plain(record),
  }));
}

contractLaws(
  {
    name: 'Salesforce',
    tool: 'salesforce',
    tour: tourSalesforce,
    words: salesforceWords,
    routes: salesforceRoutes,
    limits: salesforceLimits,
    posted: 'POST /sobjects/Account',
    aside: salesforceAside,
    fewest: 5,
    uncovered: [
      'DELETE /services/data/v67.0/composite/sobjects',
      'GET /services/data/v67.0/limits',
      'GET /services/data/v67.0/query/',
      'GET /services/data/v67.0/queryAll/',
      'GET /services/data/v67.0/sobjects/Lockstep_Item__c/updated/',
      'POST /services/data/v67.0/composite',
      'POST /services/oauth2/token',
    ].map((request) => ({ request, why: 'no contract in ../shared/specs (SOURCES.md); vendor-apis.md 4' })),
  },
  (stage) => {
    test('Salesforce records in composites and collections that our connector writes are valid where the contract has their object', () => {
      const { recorder, checker } = stage();
      const composites = recorder.exchanges.filter(({ by, path }) => by === 'connector' && path.endsWith('/composite'));
      const written = composites
        .flatMap(({ requestText }) => (JSON.parse(requestText) as Composite).compositeRequest)
        .flatMap(recordsIn)
        .map(({ method, object, record }) => ({
          operation: checker.operationOf(method, `/sobjects/${object}${method === 'POST' ? '' : '/id'}`),
          record,
        }));
      const held = written.flatMap(({ operation, record }) => (operation === null ? [] : [{ operation, record }]));
      process.stdout.write(`contract: Salesforce: ${held.length} of ${written.length} records that our connector writes have a contract\n`);
      expect(held.length).toBeGreaterThan(7);
      const told = held.map(({ operation, record }) =>
        checker.requestViolations(operation, { query: '', requestText: JSON.stringify(record) }),
      );
      expect(told.flat()).toEqual([]);
    });

    test('Salesforce is claimed for every object of the contract that the simulator has', async () => {
      const { body } = await stage().ask({ method: 'GET', path: '/services/data/v67.0/sobjects' });
      const has = new Set((body as { readonly sobjects: readonly { readonly name: string }[] }).sobjects.map(({ name }) => name));
      const inContract = stage().checker.contract.operations.flatMap(({ path }) => /^\/sobjects\/(\w+)$/.exec(path)?.[1] ?? []);
      expect(OBJECTS.toSorted()).toEqual([...new Set(inContract)].filter((name) => has.has(name)).toSorted());
    });
  },
);
