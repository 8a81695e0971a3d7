/** What plausibly stands in requests to the Salesforce of the scenario. */
import fc from 'fast-check';
import { absent } from './arbitrary.ts';
import type { Vocabulary } from './generated.ts';
import { DATA } from './salesforce-tour.ts';
import type { Route, Stage } from './stage.ts';
import { call } from './tour.ts';

/** Those of the contract that the simulator has. */
export const OBJECTS = [
  ...['Account', 'AccountHistory', 'Contact', 'ContactHistory', 'Lead', 'LeadHistory', 'Opportunity', 'OpportunityFieldHistory'],
  ...['Task', 'User', 'Group', 'GroupMember', 'QueueSobject', 'Organization'],
];
/** The integration user. */
const OURSELVES = '0055g0000000002AAA';
/** More than are deleted in a run. */
const MANY = 30;

/** The simulator has one route for all objects, the contract a path for each. */
export function salesforceRoutes(route: Route): readonly Route[] {
  const path = route.path.replace('/services/data/:version', DATA);
  if (!/\/sobjects\/:object(\/:id)?$/.test(path)) return [{ ...route, path }];
  return OBJECTS.map((object) => ({ ...route, path: path.replace(':object', object) }));
}

type Make = (index: number) => Readonly<Record<string, unknown>>;

const MADE: Readonly<Record<string, Make>> = {
  Account: (index) => ({ Name: `Generated ${index}` }),
  Contact: (index) => ({ LastName: `Generated ${index}` }),
  Lead: (index) => ({ LastName: `Generated ${index}`, Company: 'Generated' }),
  Opportunity: (index) => ({ Name: `Generated ${index}`, StageName: 'Prospecting', CloseDate: '2027-01-31' }),
  Task: (index) => ({ Subject: `Generated ${index}` }),
  Group: (index) => ({ Name: `Generated ${index}`, Type: 'Queue' }),
};

async function idsOf(stage: Stage, object: string): Promise<readonly string[]> {
  const { records } = await call(stage, 'GET', `${DATA}/query?q=SELECT+Id+FROM+${object}+ORDER+BY+Id+DESC+LIMIT+${MANY}`);
  return (records as readonly { readonly Id: string }[]).map(({ Id }) => Id);
}

/** Makes what requests can speak of; ids by object. */
async function fill(stage: Stage): Promise<Readonly<Record<string, readonly string[]>>> {
  for (const [object, make] of Object.entries(MADE)) {
    const records = Array.from({ length: MANY }, (_, index) => ({ attributes: { type: object }, ...make(index) }));
    await call(stage, 'POST', `${DATA}/composite/sobjects`, { body: { records } });
  }
  const [users, queues] = [await idsOf(stage, 'User'), await idsOf(stage, 'Group')];
  for (const GroupId of queues) {
    await call(stage, 'POST', `${DATA}/sobjects/GroupMember`, { body: { GroupId, UserOrGroupId: users[0] } });
    await call(stage, 'POST', `${DATA}/sobjects/QueueSobject`, { body: { QueueId: GroupId, SobjectType: 'Lead' } });
  }
  return Object.fromEntries(await Promise.all(OBJECTS.map(async (object) => [object, await idsOf(stage, object)] as const)));
}

const text = fc.string({ minLength: 1, maxLength: 20 }).filter((value) => value.trim() !== '');
const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), minLength: 4, maxLength: 12 });
const email = name.map((local) => `${local}@growth.example`);
const some = (values: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Readonly<Record<string, unknown>>> =>
  fc.record(values, { requiredKeys: [] });

export async function salesforceWords(stage: Stage): Promise<Vocabulary> {
  const pool = await fill(stage);
  // Nobody takes away the user whose session sends the requests.
  const one = (object: string): fc.Arbitrary<string> => fc.constantFrom(...(pool[object] ?? []).filter((id) => id !== OURSELVES));
  const at = (pattern: string): RegExp => new RegExp(pattern);
  const person = { FirstName: text, Title: text, Email: email, Phone: text };
  const dealStage = fc.constantFrom('Prospecting', 'Closed Won');
  const required: Readonly<Record<string, fc.Arbitrary<Readonly<Record<string, unknown>>>>> = {
    Account: fc.record({ Name: text }),
    Contact: fc.record({ LastName: text }),
    Lead: fc.record({ LastName: text, Company: text }),
    Opportunity: fc.record({ Name: text, StageName: dealStage, CloseDate: fc.constant('2027-01-31') }),
    Task: fc.record({ Subject: text }),
    User: fc.record({ LastName: text, Username: email, Email: email, Alias: fc.constant('gen') }),
    Group: fc.record({ Name: text, Type: fc.constant('Queue') }),
    GroupMember: fc.record({ GroupId: one('Group'), UserOrGroupId: one('User') }),
    QueueSobject: fc.record({ QueueId: one('Group'), SobjectType: fc.constant('Task') }),
    Organization: fc.record({ Name: text }),
  };
  const more: Readonly<Record<string, fc.Arbitrary<Readonly<Record<string, unknown>>>>> = {
    Account: some({ Industry: text, AnnualRevenue: fc.nat(), OwnerId: one('User'), Website: text, NumberOfEmployees: fc.nat(10_000) }),
    Contact: some({ ...person, AccountId: one('Account') }),
    Lead: some({ ...person, Rating: fc.constantFrom('Hot', 'Cold') }),
    Opportunity: some({ Amount: fc.nat(), AccountId: one('Account'), Probability: fc.nat(100) }),
    Task: some({ WhoId: one('Contact'), WhatId: one('Account'), ActivityDate: fc.constant('2027-01-31'), IsReminderSet: fc.boolean() }),
    User: some({ Title: text, Department: text }),
    Group: some({ Email: email, DoesSendEmailToMembers: fc.boolean() }),
  };
  const whole = (object: string): fc.Arbitrary<unknown> =>
    fc.tuple(required[object] ?? fc.constant({}), more[object] ?? fc.constant({})).map(([needed, free]) => ({ ...needed, ...free }));
  return {
    params: [
      ...OBJECTS.map((object) => [at(`/sobjects/${object}/\\{id\\} id$`), one(object)] as const),
      [at(' sObject$'), fc.constantFrom('Contact', 'Lead', 'Lockstep_Item__c')],
    ],
    words: [
      // The type of a group is set once.
      [at('^PATCH .*Group'), at('^GroupSObject$'), some({ Name: text, Email: email })],
      ...Object.keys(required).map((object) => [at(''), at(`^${object}SObject$`), whole(object)] as const),
      [at(''), at(String.raw`SObject\.(Id|attributes)$`), absent],
      [at('deleted$'), at(String.raw`^query\.start$`), fc.constantFrom('2026-11-20T00:00:00Z', '2026-11-24T00:00:00Z')],
      [at('deleted$'), at(String.raw`^query\.end$`), fc.constant('2026-11-24T09:00:00Z')],
      [at(''), at(String.raw`^query\.fields$`), fc.constantFrom('Id', 'Id,CreatedDate', 'Id,NoSuchField')],
    ],
    refusesUnknownQuery: false,
    taken: [
      {
        operation: /^(POST|PATCH)/,
        violation: /^body\/\w+: must be (string|number|integer)/,
        value: (value) => value === null,
        why: 'null clears a field (REST API Developer Guide, "Update a Record"); the contract knows no null',
      },
    ],
  };
}
