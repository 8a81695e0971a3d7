/** Maria, who works in Salesforce. */
import { ask } from './person.ts';
import type { Person, Seen, Shown } from './person.ts';

const DATA = '/services/data/v67.0';
const NAMES = { title: 'Title__c', owner: 'Owner__c', metric: 'Metric__c', definitionOfDone: 'Definition_Of_Done__c' } as const;
const SELECT = `SELECT Id, Name, IsDeleted, ${Object.values(NAMES).join(', ')} FROM Lockstep_Item__c`;

interface Row extends Readonly<Partial<Record<(typeof NAMES)[keyof typeof NAMES], string | null>>> {
  readonly Id: string;
  readonly Name: string;
  readonly IsDeleted: boolean;
}

export function personInSalesforce(baseUrl: string): Person {
  const headers = { authorization: 'Bearer sf_maria' };
  const query = async (soql: string): Promise<readonly Row[]> => {
    const found: Row[] = [];
    let path: string | undefined = `${DATA}/queryAll?q=${encodeURIComponent(soql)}`;
    while (path !== undefined) {
      const page: { records: readonly Row[]; nextRecordsUrl?: string } = await ask(baseUrl + path, { headers });
      found.push(...page.records);
      path = page.nextRecordsUrl;
    }
    return found;
  };
  const seen = (row: Row): Seen => ({
    id: row.Id,
    name: row.Name,
    gone: row.IsDeleted,
    fields: Object.fromEntries(Object.entries(NAMES).map(([field, name]) => [field, row[name] ?? ''])),
  });
  const address = (id: string): string => `${baseUrl}${DATA}/sobjects/Lockstep_Item__c/${id}`;
  return {
    tool: 'salesforce',
    who: 'Maria in Salesforce',
    count: async () => (await query(`${SELECT} WHERE IsDeleted = false`)).length,
    find: async (title) => (await query(`${SELECT} WHERE Title__c = '${title.replaceAll(/[\\']/g, String.raw`\$&`)}'`)).map(seen),
    edit: async (id, changes) => void (await ask(address(id), { method: 'PATCH', headers, body: encode(changes) })),
    remove: async (id) => void (await ask(address(id), { method: 'DELETE', headers })),
  };
}

function encode(changes: Shown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(NAMES).flatMap(([field, name]) => {
      const value = changes[field as keyof typeof NAMES];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
