/** What plausibly stands in requests to the HubSpot of the scenario. */
import fc from 'fast-check';
import { absent } from './arbitrary.ts';
import type { Vocabulary } from './generated.ts';
import type { Stage } from './stage.ts';
import { call } from './tour.ts';
import type { Body } from './tour.ts';

interface Pool {
  readonly contacts: readonly string[];
  readonly companies: readonly string[];
  readonly tasks: readonly string[];
}

/** More than are archived in a run. */
const MANY = 30;
const OBJECTS = '/crm/objects/2026-09';

/** Makes what requests can speak of. */
async function fill(stage: Stage): Promise<Pool> {
  const emails = Array.from({ length: MANY }, (_, index) => ({
    properties: { email: `generated.${index}@growth.example`, firstname: 'Gen' },
  }));
  const names = Array.from({ length: MANY }, (_, index) => ({ properties: { name: `Generated ${index}` } }));
  const contacts = await call(stage, 'POST', `${OBJECTS}/contacts/batch/create`, { body: { inputs: emails } });
  const companies = await call(stage, 'POST', `${OBJECTS}/companies/batch/create`, { body: { inputs: names } });
  const subjects = Array.from({ length: MANY }, (_, index) => ({ properties: { hs_task_subject: `Generated ${index}`, ...DUE } }));
  const tasks = await call(stage, 'POST', `${OBJECTS}/tasks/batch/create`, { body: { inputs: subjects } });
  const group = { name: 'generated', label: 'Generated' };
  await call(stage, 'POST', '/crm/properties/2026-09/contacts/groups', { body: group });
  for (const name of PROPERTIES) await call(stage, 'POST', '/crm/properties/2026-09/contacts', { body: { ...PROPERTY, name } });
  await stage.advance(60_000);
  const ids = (made: Body): readonly string[] => made.results.map(({ id }) => id);
  return { contacts: ids(contacts), companies: ids(companies), tasks: ids(tasks) };
}

const DUE = { hs_timestamp: '2026-12-01T09:00:00.000Z' };
const PROPERTIES = ['generated_one', 'generated_two', 'generated_three'];
const PROPERTY = { label: 'Generated', type: 'string', fieldType: 'text', groupName: 'generated' };

const text = fc.string({ maxLength: 20 });
const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), minLength: 4, maxLength: 12 });
const email = name.map((local) => `${local}@growth.example`);
/** Of contacts where the contract has a path for them, of tasks where it has one for all objects. */
const values = fc.record({ firstname: text, lastname: text, jobtitle: text, phone: text }, { requiredKeys: [] });
const created = fc.tuple(values, email).map(([own, address]) => ({ ...own, email: address }));
const taskValues = fc.record({ hs_task_subject: text, hs_task_status: fc.constantFrom('NOT_STARTED', 'COMPLETED') }, { requiredKeys: [] });
const createdTask = taskValues.map((own) => ({ ...own, ...DUE }));
const types = fc.constant([{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 }]);
const ANY_OBJECT = /objects\/\{objectType\}/;
const propertyNames = fc.array(fc.constantFrom('email', 'firstname', 'lastmodifieddate', 'no_such'), { maxLength: 3 });
const property = fc
  .tuple(name, fc.constantFrom({ type: 'string', fieldType: 'text' }, { type: 'number', fieldType: 'number' }))
  .map(([unique, kind]) => ({
    ...PROPERTY,
    ...kind,
    name: `p_${unique}`,
  }));
const filter = fc.oneof(
  fc.record({
    propertyName: fc.constantFrom('email', 'firstname'),
    operator: fc.constantFrom('EQ', 'NEQ', 'CONTAINS_TOKEN'),
    value: fc.constantFrom('Gen', 'x'),
  }),
  fc.record({
    propertyName: fc.constant('lastmodifieddate'),
    operator: fc.constantFrom('GTE', 'LT'),
    value: fc.constantFrom('0', '1790000000000'),
  }),
  fc.constant({ propertyName: 'jobtitle', operator: 'HAS_PROPERTY' }),
);

export async function hubspotWords(stage: Stage): Promise<Vocabulary> {
  const pool = await fill(stage);
  const contact = fc.constantFrom(...pool.contacts);
  const task = fc.constantFrom(...pool.tasks);
  const company = fc.constantFrom(...pool.companies);
  const pair = fc.record({ from: contact.map((id) => ({ id })), to: company.map((id) => ({ id })) });
  const inputs = (each: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    fc.uniqueArray(each, { minLength: 1, maxLength: 3, selector: (value) => JSON.stringify(value) });
  const at = (pattern: string): RegExp => new RegExp(pattern);
  return {
    params: [
      [at('/objects/\\{objectType\\}(?!.*associations).* objectType$'), fc.constant('tasks')],
      [at('/objects/\\{objectType\\}(?!.*associations).* objectId$'), task],
      [at(' (objectType|fromObjectType)$'), fc.constant('contacts')],
      [at(' toObjectType$'), fc.constant('companies')],
      [at(' (objectId|contactId|fromObjectId)$'), contact],
      [at(' toObjectId$'), company],
      [at(' propertyName$'), fc.constantFrom(...PROPERTIES)],
      [at(' ownerId$'), fc.constantFrom('77405866', '77405867')],
      // The one that our connector was given (hubspot-crm.ts).
      [at(' token$'), fc.constant('oauth-lockstep-1')],
    ],
    words: [
      [ANY_OBJECT, at(String.raw`\.SimplePublicObject(Input|BatchInput)\.properties$`), taskValues],
      [ANY_OBJECT, at(String.raw`\.SimplePublicObject(BatchInput|Input)ForCreate\.properties$`), createdTask],
      [
        ANY_OBJECT,
        at(String.raw`\.SimplePublicObjectBatchInputUpsert$`),
        task.map((id) => ({ id, properties: { hs_task_subject: 'Up' } })),
      ],
      [ANY_OBJECT, at(String.raw`\.SimplePublicObject(BatchInput|Id)\.id$`), task],
      [at(''), at(String.raw`\.SimplePublicObjectInput(ForCreate)?\.properties$`), created],
      [at(''), at(String.raw`\.SimplePublicObjectBatchInput\.properties$`), values],
      [at(''), at(String.raw`\.SimplePublicObjectBatchInputForCreate\.properties$`), created],
      [
        at('upsert$'),
        at(String.raw`\.SimplePublicObjectBatchInputUpsert$`),
        email.map((id) => ({ id, idProperty: 'email', properties: { firstname: 'Up' } })),
      ],
      [at(''), at(String.raw`\.SimplePublicObject(BatchInput|Id)\.id$`), contact],
      [at(''), at(String.raw`\.(SimplePublicObjectBatchInput|BatchReadInputSimplePublicObjectId)\.idProperty$`), absent],
      [at(''), at(String.raw`\.associations$`), absent],
      [at(''), at(String.raw`\.PublicAssociationsForObject$`), fc.record({ to: company.map((id) => ({ id })), types })],
      [at(''), at(String.raw`(BatchReadInputSimplePublicObjectId|PublicObjectSearchRequest)\.propert(ies|iesWithHistory)$`), propertyNames],
      [at(''), at(String.raw`^query\.(properties|propertiesWithHistory)$`), propertyNames],
      [at(''), at(String.raw`^query\.(associations)$`), fc.constant(['companies'])],
      [at(''), at(String.raw`^query\.(archived|idProperty|after|email)$`), absent],
      [at(''), at(String.raw`(^query|Request)\.limit$`), fc.integer({ min: 1, max: 100 })],
      [
        at(''),
        at(String.raw`PublicObjectSearchRequest\.filterGroups$`),
        fc.array(fc.record({ filters: fc.array(filter, { minLength: 1, maxLength: 3 }) }), { maxLength: 3 }),
      ],
      [
        at(''),
        at(String.raw`PublicObjectSearchRequest\.sorts$`),
        fc.constantFrom([], ['email'], [{ propertyName: 'lastmodifieddate', direction: 'ASCENDING' }]),
      ],
      [at(''), at(String.raw`PublicObjectSearchRequest\.(after|query)$`), absent],
      [
        at(''),
        at(String.raw`\.PublicMergeInput$`),
        fc.uniqueArray(contact, { minLength: 2, maxLength: 2 }).map(([one, two]) => ({ primaryObjectId: one, objectIdToMerge: two })),
      ],
      [
        at(''),
        at(String.raw`\.BatchInputPublicAssociationMultiPost\.inputs$`),
        inputs(fc.tuple(pair, types).map(([ends, its]) => ({ ...ends, types: its }))),
      ],
      [at(''), at(String.raw`\.BatchInputPublicDefaultAssociationMultiPost\.inputs$`), inputs(pair)],
      [
        at(''),
        at(String.raw`\.BatchInputPublicAssociationMultiArchive\.inputs$`),
        inputs(pair.map(({ from, to }) => ({ from, to: [to] }))),
      ],
      [at(''), at(String.raw`\.PublicFetchAssociationsBatchRequest$`), contact.map((id) => ({ id }))],
      [at('/associations/.*companies|/associations/\\{toObjectType'), at('^body$'), types],
      [at(''), at(String.raw`\.PropertyCreate$`), property],
      [at(''), at(String.raw`\.PropertyUpdate$`), fc.record({ label: name }, { requiredKeys: [] })],
      [at(''), at(String.raw`\.PropertyName$`), fc.constantFrom(...PROPERTIES).map((of) => ({ name: of }))],
      [at(''), at(String.raw`\.BatchReadInputPropertyName\.archived$`), fc.constant(false)],
      [at(''), at(String.raw`\.PropertyGroupCreate$`), fc.record({ name: name.map((of) => `g_${of}`), label: name })],
      [at(''), at(String.raw`\.PublicAssociationDefinitionCreateRequest$`), fc.record({ name, label: name, inverseLabel: name })],
    ],
    refusesUnknownQuery: true,
    taken: [
      {
        operation: /^/,
        violation:
          /^body(\/inputs\/\d+)?(\/(from|to))?(\/\d+)?\/(id|after|properties\/\w+|filterGroups\/.*\/(value|highValue|values\/\d+)): must be string/,
        value: (value) => typeof value === 'boolean' || typeof value === 'number',
        why: 'HubSpot takes numbers and booleans as their words (vendor-apis.md 3, "values"; not recorded)',
      },
      {
        operation: /batch\/read$/,
        violation: /must have required property '(properties|propertiesWithHistory|archived)'/,
        why: "the generated model marks every field required; the vendor's examples leave these out (as with the search, SOURCES.md)",
      },
    ],
  };
}
