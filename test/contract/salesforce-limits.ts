/** Salesforce's limits as describe and vendor-apis.md 4 have them. */
import type { Limit } from './limits.ts';
import { DATA } from './salesforce-tour.ts';
import type { Request, Stage } from './stage.ts';

const ITEM = 'Lockstep_Item__c';
const many = <T>(count: number, each: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => each(index));
const limit = (what: string, most: number, of: (count: number) => Request): Limit => ({
  what: `${most} ${what}`,
  within: of(most),
  beyond: of(most + 1),
});
const post = (path: string, body: unknown): Request => ({ method: 'POST', path: DATA + path, body });
const query = (soql: string): Request => ({ method: 'GET', path: `${DATA}/query?q=${encodeURIComponent(soql)}` });

export function salesforceLimits(_stage: Stage): Promise<readonly Limit[]> {
  const account = (fields: object): Request => post('/sobjects/Account', { Name: 'At the limit', ...fields });
  const item = (fields: object): Request => post(`/sobjects/${ITEM}`, { Title__c: 'At the limit', ...fields });
  const records = (count: number): readonly object[] => many(count, (index) => ({ attributes: { type: ITEM }, Title__c: `T${index}` }));
  return Promise.resolve([
    limit('characters of a name', 255, (count) => account({ Name: 'x'.repeat(count) })),
    limit('characters of a description', 32_000, (count) => account({ Description: 'x'.repeat(count) })),
    limit('characters of a long text of ours', 131_072, (count) => item({ Description__c: 'x'.repeat(count) })),
    limit('characters of a subject', 255, (count) => post('/sobjects/Task', { Subject: 'x'.repeat(count) })),
    limit('records of a collection', 200, (count) => post('/composite/sobjects', { records: records(count) })),
    limit('records that are read in a call', 2_000, (count) =>
      post(`/composite/sobjects/${ITEM}`, { ids: many(count, () => 'a005g0000000001AAA'), fields: ['Id'] }),
    ),
    limit('requests of a composite', 25, (count) =>
      post('/composite', {
        compositeRequest: many(count, (index) => ({ method: 'GET', url: `${DATA}/limits`, referenceId: `r${index}` })),
      }),
    ),
    limit('requests of a batch', 25, (count) =>
      post('/composite/batch', { batchRequests: many(count, () => ({ method: 'GET', url: 'v67.0/limits' })) }),
    ),
    limit('rows that are passed over', 2_000, (count) => query(`SELECT Id FROM ${ITEM} LIMIT 1 OFFSET ${count}`)),
    limit('rows with all fields', 200, (count) => query(`SELECT FIELDS(ALL) FROM Account LIMIT ${count}`)),
  ]);
}
