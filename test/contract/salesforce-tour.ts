/** A tour through Salesforce: every route that the simulator claims, with requests that the contract has where it has any. */
import type { Stage } from './stage.ts';
import { call } from './tour.ts';
import type { Body } from './tour.ts';

export const DATA = '/services/data/v67.0';
const ITEM = 'Lockstep_Item__c';
const FORM = { 'content-type': 'application/x-www-form-urlencoded', authorization: '' };
const CREDENTIALS = { grant_type: 'client_credentials', client_id: 'lockstep-client', client_secret: 'lockstep-secret' };

export async function tourSalesforce(stage: Stage): Promise<void> {
  await account(stage);
  const contact = await single(stage);
  await keys(stage);
  await collections(stage);
  await composites(stage, contact);
  await queries(stage);
  await changes(stage);
}

async function account(stage: Stage): Promise<void> {
  await call(stage, 'GET', '/services/data');
  for (const path of ['', '/limits', '/limits/recordCount?sObjects=Account', '/composite']) await call(stage, 'GET', DATA + path);
  const form = (fields: Readonly<Record<string, string>>) => ({ body: new URLSearchParams(fields).toString(), headers: FORM });
  const token = await call(stage, 'POST', '/services/oauth2/token', form(CREDENTIALS));
  const headers = { authorization: `Bearer ${String(token['access_token'])}` };
  const me = await call(stage, 'GET', '/services/oauth2/userinfo', { headers });
  await call(stage, 'GET', `/id/${String(me['organization_id'])}/${String(me['user_id'])}`, { headers });
  await stage.ask({ method: 'POST', path: '/services/oauth2/token', ...form({ ...CREDENTIALS, client_secret: 'wrong' }) });
  await call(stage, 'POST', '/services/oauth2/revoke', form({ token: String(token['access_token']) }));
}

async function single(stage: Stage): Promise<string> {
  const contacts = `${DATA}/sobjects/Contact`;
  await call(stage, 'GET', `${DATA}/sobjects`);
  await call(stage, 'GET', `${contacts}/describe`);
  const { id } = await call(stage, 'POST', contacts, { body: { LastName: 'Tour', Email: 'tour@growth.example' } });
  await call(stage, 'PATCH', `${contacts}/${id}`, { body: { Title: 'Guide', Department: 'Tours' } });
  await call(stage, 'GET', `${contacts}/${id}`);
  await call(stage, 'GET', `${contacts}/${id}?fields=Id,Name`);
  await call(stage, 'GET', contacts);
  const gone = await call(stage, 'POST', contacts, { body: { LastName: 'Gone' } });
  await call(stage, 'DELETE', `${contacts}/${gone.id}`);
  await stage.ask({ method: 'GET', path: `${contacts}/${gone.id}` });
  return id;
}

async function keys(stage: Stage): Promise<void> {
  const path = `${DATA}/sobjects/${ITEM}/Lockstep_Id__c/tour`;
  for (const Title__c of ['Made', 'Changed']) await call(stage, 'PATCH', path, { body: { Title__c } });
  await call(stage, 'GET', path);
  await call(stage, 'DELETE', path);
}

async function collections(stage: Stage): Promise<void> {
  const path = `${DATA}/composite/sobjects`;
  const records = [{ attributes: { type: ITEM }, Title__c: 'One' }, { attributes: { type: ITEM } }];
  const [one] = (await call(stage, 'POST', path, { body: { allOrNone: false, records } })) as unknown as readonly Body[];
  const id = one?.id ?? '';
  await call(stage, 'PATCH', path, { body: { records: [{ attributes: { type: ITEM }, id, Title__c: 'One, changed' }] } });
  const keyed = { attributes: { type: ITEM }, Lockstep_Id__c: 'tour-many', Title__c: 'Keyed' };
  await call(stage, 'PATCH', `${path}/${ITEM}/Lockstep_Id__c`, { body: { records: [keyed] } });
  await call(stage, 'GET', `${path}/${ITEM}?ids=${id}&fields=Title__c`);
  await call(stage, 'POST', `${path}/${ITEM}`, { body: { ids: [id], fields: ['Title__c'] } });
  await call(stage, 'DELETE', `${path}?ids=${id}&allOrNone=true`);
  const xml = `<Envelope><Header><SessionHeader><sessionId>sf_lockstep</sessionId></SessionHeader></Header><Body><undelete><ids>${id}</ids></undelete></Body></Envelope>`;
  await call(stage, 'POST', '/services/Soap/u/67.0', { body: xml, headers: { 'content-type': 'text/xml', SOAPAction: '""' } });
}

async function composites(stage: Stage, contact: string): Promise<void> {
  const url = `${DATA}/sobjects/Contact/${contact}`;
  const compositeRequest = [
    { method: 'GET', url, referenceId: 'read' },
    { method: 'PATCH', url: `${DATA}/sobjects/Contact/@{read.Id}`, referenceId: 'write', body: { Title: 'Head of tours' } },
  ];
  await call(stage, 'POST', `${DATA}/composite`, { body: { allOrNone: true, compositeRequest } });
  await call(stage, 'POST', `${DATA}/composite/batch`, { body: { batchRequests: [{ method: 'GET', url: 'v67.0/limits' }] } });
}

async function queries(stage: Stage): Promise<void> {
  const records = Array.from({ length: 200 }, (_, index) => ({
    attributes: { type: 'Lead' },
    LastName: `Tour ${index}`,
    Company: 'Tours',
  }));
  await call(stage, 'POST', `${DATA}/composite/sobjects`, { body: { records } });
  const headers = { 'Sforce-Query-Options': 'batchSize=200' };
  for (const resource of ['query', 'queryAll']) {
    const page = await call(stage, 'GET', `${DATA}/${resource}?q=SELECT+Id+FROM+Lead`, { headers });
    const locator = String(page['nextRecordsUrl']).split('/').at(-1) ?? '';
    await call(stage, 'GET', `${DATA}/${resource}/${locator}`, { headers });
  }
}

async function changes(stage: Stage): Promise<void> {
  await stage.advance(120_000);
  const span = `start=${encodeURIComponent('2026-11-24T09:00:00Z')}&end=${encodeURIComponent('2026-11-24T09:32:00Z')}`;
  for (const what of ['updated', 'deleted']) await call(stage, 'GET', `${DATA}/sobjects/Contact/${what}?${span}`);
}
