/** The objects of sales: their fields and lengths as a Developer Edition org describes them, the rarer ones left out (DIFFERENCES.md). */
import { derived, field, fieldsOf, historyOf, longText, lookup, marker, object, owner, picklist } from './fields.ts';
import type { FieldDefinition, ObjectDefinition } from './model.ts';

const DESCRIPTION = longText('Description', 32_000);
const SOURCES = ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other'];
const INDUSTRIES = [
  'Agriculture',
  'Banking',
  'Consulting',
  'Education',
  'Energy',
  'Food & Beverage',
  'Manufacturing',
  'Retail',
  'Technology',
];
const RATINGS = ['Hot', 'Warm', 'Cold'];

const street = (prefix: string): readonly FieldDefinition[] => [
  field(`${prefix}Street`, 'textarea'),
  ...fieldsOf('string', 40, `${prefix}City`),
  ...fieldsOf('string', 80, `${prefix}State`, `${prefix}Country`),
  ...fieldsOf('string', 20, `${prefix}PostalCode`),
];

/** First and last name, and the whole that Salesforce makes of them. */
export const personName: readonly FieldDefinition[] = [
  field('LastName', 'string', { length: 80, required: true }),
  field('FirstName', 'string', { length: 40 }),
  derived('Name', 'string', { label: 'Full Name', length: 121, nameField: true }),
];

/** Of a merged record: the one that it went into. */
const masterOf = (name: string): FieldDefinition => lookup('MasterRecordId', [name], { createable: false, updateable: false });

const account = object(
  'Account',
  '001',
  [
    masterOf('Account'),
    field('Name', 'string', { label: 'Account Name', required: true, nameField: true }),
    picklist('Type', ['Prospect', 'Customer - Direct', 'Customer - Channel', 'Other']),
    lookup('ParentId', ['Account'], { onDelete: 'clear', childRelationshipName: 'ChildAccounts' }),
    ...street('Billing'),
    ...street('Shipping'),
    ...fieldsOf('phone', null, 'Phone', 'Fax'),
    ...fieldsOf('string', 40, 'AccountNumber'),
    field('Website', 'url'),
    picklist('Industry', INDUSTRIES),
    field('AnnualRevenue', 'currency', { scale: 0 }),
    field('NumberOfEmployees', 'int'),
    picklist('Ownership', ['Public', 'Private', 'Subsidiary', 'Other']),
    ...fieldsOf('string', 20, 'TickerSymbol', 'Sic'),
    ...fieldsOf('string', 80, 'Site', 'SicDesc'),
    DESCRIPTION,
    picklist('Rating', RATINGS),
    picklist('AccountSource', SOURCES),
    owner(),
    /** Another system's number; several accounts may have the same. */
    field('External_Ref__c', 'string', { length: 80, externalId: true }),
    marker,
  ],
  {
    history: { object: 'AccountHistory', parentField: 'AccountId' },
    tracked: ['Name', 'OwnerId', 'Phone', 'Website', 'Industry', 'Rating', 'Type', 'AnnualRevenue', 'Description'],
  },
);

const contact = object(
  'Contact',
  '003',
  [
    masterOf('Contact'),
    ...personName,
    picklist('Salutation', ['Mr.', 'Ms.', 'Mrs.', 'Dr.', 'Prof.', 'Mx.'], { length: 40 }),
    lookup('AccountId', ['Account'], { onDelete: 'cascade', childRelationshipName: 'Contacts' }),
    ...street('Mailing'),
    ...street('Other'),
    ...fieldsOf('phone', null, 'Phone', 'Fax', 'MobilePhone', 'HomePhone', 'OtherPhone', 'AssistantPhone'),
    lookup('ReportsToId', ['Contact'], { onDelete: 'clear' }),
    field('Email', 'email', { idLookup: true }),
    field('Title', 'string', { length: 128 }),
    field('Department', 'string', { length: 80 }),
    field('AssistantName', 'string', { length: 40 }),
    picklist('LeadSource', SOURCES),
    field('Birthdate', 'date'),
    DESCRIPTION,
    owner(),
    marker,
  ],
  {
    history: { object: 'ContactHistory', parentField: 'ContactId' },
    tracked: ['LastName', 'FirstName', 'AccountId', 'Email', 'Phone', 'Title', 'Department', 'LeadSource', 'OwnerId', 'Description'],
  },
);

const lead = object(
  'Lead',
  '00Q',
  [
    masterOf('Lead'),
    ...personName,
    picklist('Salutation', ['Mr.', 'Ms.', 'Mrs.', 'Dr.', 'Prof.', 'Mx.'], { length: 40 }),
    field('Title', 'string', { length: 128 }),
    field('Company', 'string', { required: true }),
    ...street(''),
    ...fieldsOf('phone', null, 'Phone', 'MobilePhone', 'Fax'),
    field('Email', 'email', { idLookup: true }),
    field('Website', 'url'),
    DESCRIPTION,
    picklist('LeadSource', SOURCES),
    picklist('Status', ['Open - Not Contacted', 'Working - Contacted', 'Closed - Converted', 'Closed - Not Converted'], {
      default: 'Open - Not Contacted',
    }),
    picklist('Industry', INDUSTRIES),
    picklist('Rating', RATINGS),
    field('AnnualRevenue', 'currency', { scale: 0 }),
    field('NumberOfEmployees', 'int'),
    owner('Group'),
    derived('IsConverted', 'boolean', { default: false }),
    derived('ConvertedDate', 'date'),
    ...['Account', 'Contact', 'Opportunity'].map((name) =>
      lookup(`Converted${name}Id`, [name], { createable: false, updateable: false, onDelete: 'clear' }),
    ),
    marker,
  ],
  {
    history: { object: 'LeadHistory', parentField: 'LeadId' },
    tracked: ['LastName', 'FirstName', 'Company', 'Email', 'Phone', 'Title', 'Status', 'Rating', 'LeadSource', 'OwnerId', 'Description'],
  },
);

/** Stages, with what each implies. */
export const STAGES: readonly { name: string; probability: number; isClosed: boolean; isWon: boolean; forecast: string }[] = [
  { name: 'Prospecting', probability: 10, isClosed: false, isWon: false, forecast: 'Pipeline' },
  { name: 'Qualification', probability: 10, isClosed: false, isWon: false, forecast: 'Pipeline' },
  { name: 'Needs Analysis', probability: 20, isClosed: false, isWon: false, forecast: 'Pipeline' },
  { name: 'Value Proposition', probability: 50, isClosed: false, isWon: false, forecast: 'Pipeline' },
  { name: 'Proposal/Price Quote', probability: 75, isClosed: false, isWon: false, forecast: 'BestCase' },
  { name: 'Negotiation/Review', probability: 90, isClosed: false, isWon: false, forecast: 'Forecast' },
  { name: 'Closed Won', probability: 100, isClosed: true, isWon: true, forecast: 'Closed' },
  { name: 'Closed Lost', probability: 0, isClosed: true, isWon: false, forecast: 'Omitted' },
];

const opportunity = object(
  'Opportunity',
  '006',
  [
    lookup('AccountId', ['Account'], { onDelete: 'cascade', childRelationshipName: 'Opportunities' }),
    field('IsPrivate', 'boolean'),
    field('Name', 'string', { length: 120, required: true, nameField: true }),
    DESCRIPTION,
    picklist(
      'StageName',
      STAGES.map(({ name }) => name),
      { label: 'Stage', required: true },
    ),
    field('Amount', 'currency'),
    field('Probability', 'percent', { scale: 0 }),
    derived('ExpectedRevenue', 'currency'),
    field('TotalOpportunityQuantity', 'double', { scale: 2 }),
    field('CloseDate', 'date', { required: true }),
    picklist('Type', ['Existing Customer - Upgrade', 'Existing Customer - Replacement', 'New Customer']),
    field('NextStep', 'string'),
    picklist('LeadSource', SOURCES),
    derived('IsClosed', 'boolean'),
    derived('IsWon', 'boolean'),
    derived('ForecastCategory', 'picklist', { length: 40 }),
    owner(),
    lookup('ContactId', ['Contact'], { updateable: false, onDelete: 'clear' }),
    marker,
  ],
  {
    history: { object: 'OpportunityFieldHistory', parentField: 'OpportunityId' },
    tracked: ['Name', 'StageName', 'Amount', 'Probability', 'CloseDate', 'OwnerId', 'AccountId', 'NextStep', 'Description'],
  },
);

const task = object('Task', '00T', [
  lookup('WhoId', ['Contact', 'Lead'], { label: 'Name ID', onDelete: 'cascade', childRelationshipName: 'Tasks' }),
  lookup('WhatId', ['Account', 'Opportunity', 'Lockstep_Item__c'], {
    label: 'Related To ID',
    onDelete: 'cascade',
    childRelationshipName: 'Tasks',
  }),
  field('Subject', 'string'),
  field('ActivityDate', 'date', { label: 'Due Date Only' }),
  picklist('Status', ['Not Started', 'In Progress', 'Completed', 'Waiting on someone else', 'Deferred'], { default: 'Not Started' }),
  picklist('Priority', ['High', 'Normal', 'Low'], { default: 'Normal' }),
  derived('IsHighPriority', 'boolean', { label: 'High Priority' }),
  owner('Group'),
  DESCRIPTION,
  lookup('AccountId', ['Account'], { createable: false, updateable: false }),
  derived('IsClosed', 'boolean', { label: 'Closed' }),
  picklist('TaskSubtype', ['Task', 'Email', 'Call'], { default: 'Task', updateable: false, restricted: true, length: 40 }),
  field('CallDurationInSeconds', 'int'),
  picklist('CallType', ['Internal', 'Inbound', 'Outbound'], { length: 40 }),
  field('CallDisposition', 'string'),
  field('ReminderDateTime', 'datetime'),
  field('IsReminderSet', 'boolean'),
  derived('CompletedDateTime', 'datetime'),
  marker,
]);

export const CRM_OBJECTS: readonly ObjectDefinition[] = [
  account,
  historyOf('AccountHistory', 'AccountId', 'Account'),
  contact,
  historyOf('ContactHistory', 'ContactId', 'Contact'),
  lead,
  historyOf('LeadHistory', 'LeadId', 'Lead'),
  opportunity,
  historyOf('OpportunityFieldHistory', 'OpportunityId', 'Opportunity'),
  task,
];
