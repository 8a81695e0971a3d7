/** The properties that each object has from the first day: HubSpot's own, and the scenario's custom ones of tasks. */
import { OBJECT_TYPES } from './model.ts';
import type { ObjectType, PropertyDefinition, PropertyGroup, PropertyOption, PropertyType } from './model.ts';
import { OWNERS } from './scenario.ts';

export const PROPERTY_GROUPS: readonly PropertyGroup[] = [
  { objectType: 'tasks', name: 'task', label: 'Task information', displayOrder: 0 },
  { objectType: 'tasks', name: 'lockstep', label: 'Lockstep', displayOrder: 1 },
  { objectType: 'contacts', name: 'contactinformation', label: 'Contact information', displayOrder: 0 },
  { objectType: 'companies', name: 'companyinformation', label: 'Company information', displayOrder: 0 },
  { objectType: 'deals', name: 'dealinformation', label: 'Deal information', displayOrder: 0 },
  { objectType: 'leads', name: 'lead', label: 'Lead information', displayOrder: 0 },
  { objectType: 'notes', name: 'note', label: 'Note information', displayOrder: 0 },
  { objectType: 'calls', name: 'call', label: 'Call information', displayOrder: 0 },
  { objectType: 'emails', name: 'email', label: 'Email information', displayOrder: 0 },
  { objectType: 'meetings', name: 'meeting', label: 'Meeting information', displayOrder: 0 },
];

const GROUP_OF: Record<ObjectType, string> = {
  tasks: 'task',
  contacts: 'contactinformation',
  companies: 'companyinformation',
  deals: 'dealinformation',
  leads: 'lead',
  notes: 'note',
  calls: 'call',
  emails: 'email',
  meetings: 'meeting',
};

const FIELD_TYPES: Record<PropertyType, string> = {
  string: 'text',
  number: 'number',
  date: 'date',
  datetime: 'date',
  enumeration: 'select',
  bool: 'booleancheckbox',
};

type Extra = Partial<
  Pick<PropertyDefinition, 'fieldType' | 'groupName' | 'options' | 'hasUniqueValue' | 'hubspotDefined' | 'readOnlyValue'>
>;

const define = (objectType: ObjectType, name: string, label: string, type: PropertyType, extra: Extra = {}): PropertyDefinition => ({
  objectType,
  name,
  label,
  type,
  fieldType: FIELD_TYPES[type],
  description: '',
  groupName: GROUP_OF[objectType],
  options: [],
  displayOrder: -1,
  hasUniqueValue: false,
  hidden: false,
  formField: false,
  hubspotDefined: true,
  readOnlyValue: false,
  createdMs: Date.UTC(2024, 0, 1),
  updatedMs: Date.UTC(2024, 0, 1),
  archivedMs: null,
  ...extra,
});

const readOnly = (objectType: ObjectType, name: string, label: string, type: PropertyType): PropertyDefinition =>
  define(objectType, name, label, type, { readOnlyValue: true });

const options = (...values: readonly (readonly [value: string, label: string])[]): PropertyOption[] =>
  values.map(([value, label], displayOrder) => ({ value, label, displayOrder, hidden: false, description: '' }));

const OWNER_OPTIONS = options(...OWNERS.map((owner) => [owner.id, `${owner.firstName} ${owner.lastName}`] as const));

const forEvery = (name: string): Record<ObjectType, string> =>
  Object.fromEntries(OBJECT_TYPES.map((type) => [type, name])) as Record<ObjectType, string>;

/** The name under which an object shows when it was made and last changed; contacts and the others differ. */
export const CREATED_PROPERTY: Record<ObjectType, string> = {
  ...forEvery('hs_createdate'),
  contacts: 'createdate',
  companies: 'createdate',
  deals: 'createdate',
};
export const MODIFIED_PROPERTY: Record<ObjectType, string> = {
  ...forEvery('hs_lastmodifieddate'),
  contacts: 'lastmodifieddate',
};

const MERGED: readonly ObjectType[] = ['contacts', 'companies', 'deals'];

const everyObject = (objectType: ObjectType): PropertyDefinition[] => [
  readOnly(objectType, 'hs_object_id', 'Record ID', 'number'),
  readOnly(objectType, CREATED_PROPERTY[objectType], 'Create date', 'datetime'),
  readOnly(objectType, MODIFIED_PROPERTY[objectType], 'Last modified date', 'datetime'),
  readOnly(objectType, 'hs_unique_creation_key', 'Unique creation key', 'string'),
  readOnly(objectType, 'hs_created_by_user_id', 'Created by user ID', 'number'),
  readOnly(objectType, 'hs_updated_by_user_id', 'Updated by user ID', 'number'),
  readOnly(objectType, 'hs_object_source', 'Record source', 'string'),
  readOnly(objectType, 'hs_object_source_id', 'Record source ID', 'string'),
  readOnly(objectType, 'hs_object_source_user_id', 'Record source user ID', 'number'),
  define(objectType, 'hubspot_owner_id', 'Owner', 'enumeration', { options: OWNER_OPTIONS }),
  ...(!MERGED.includes(objectType) ? [] : [readOnly(objectType, 'hs_merged_object_ids', 'Merged record IDs', 'enumeration')]),
];

const custom = (name: string, label: string, extra: Extra = {}): PropertyDefinition =>
  define('tasks', name, label, 'string', { groupName: 'lockstep', hubspotDefined: false, ...extra });

const TASKS: readonly PropertyDefinition[] = [
  define('tasks', 'hs_task_subject', 'Title', 'string'),
  define('tasks', 'hs_task_body', 'Notes', 'string', { fieldType: 'html' }),
  define('tasks', 'hs_task_status', 'Status', 'enumeration', {
    options: options(
      ['NOT_STARTED', 'Not started'],
      ['IN_PROGRESS', 'In progress'],
      ['WAITING', 'Waiting'],
      ['DEFERRED', 'Deferred'],
      ['COMPLETED', 'Completed'],
    ),
  }),
  define('tasks', 'hs_task_priority', 'Priority', 'enumeration', {
    options: options(['NONE', 'None'], ['LOW', 'Low'], ['MEDIUM', 'Medium'], ['HIGH', 'High']),
  }),
  define('tasks', 'hs_task_type', 'Type', 'enumeration', { options: options(['TODO', 'To-do'], ['CALL', 'Call'], ['EMAIL', 'Email']) }),
  define('tasks', 'hs_timestamp', 'Due date', 'datetime'),
  readOnly('tasks', 'hs_task_completion_date', 'Completed at', 'datetime'),
  readOnly('tasks', 'hs_body_preview', 'Body preview', 'string'),
  custom('lockstep_id', 'Lockstep ID', { hasUniqueValue: true }),
  custom('lockstep_kind', 'Kind'),
  custom('lockstep_owner', 'Plan owner'),
  custom('lockstep_phase', 'Phase'),
  custom('lockstep_metric', 'Metric', { fieldType: 'textarea' }),
  custom('lockstep_definition_of_done', 'Definition of done', { fieldType: 'textarea' }),
  custom('lockstep_dependencies', 'Dependencies', { fieldType: 'textarea' }),
];

const CONTACTS: readonly PropertyDefinition[] = [
  define('contacts', 'email', 'Email', 'string', { hasUniqueValue: true }),
  define('contacts', 'firstname', 'First name', 'string'),
  define('contacts', 'lastname', 'Last name', 'string'),
  define('contacts', 'phone', 'Phone number', 'string', { fieldType: 'phonenumber' }),
  define('contacts', 'jobtitle', 'Job title', 'string'),
  define('contacts', 'company', 'Company name', 'string'),
  define('contacts', 'website', 'Website URL', 'string'),
  define('contacts', 'lifecyclestage', 'Lifecycle stage', 'enumeration', {
    options: options(
      ['subscriber', 'Subscriber'],
      ['lead', 'Lead'],
      ['marketingqualifiedlead', 'Marketing Qualified Lead'],
      ['salesqualifiedlead', 'Sales Qualified Lead'],
      ['opportunity', 'Opportunity'],
      ['customer', 'Customer'],
      ['evangelist', 'Evangelist'],
      ['other', 'Other'],
    ),
  }),
];

const COMPANIES: readonly PropertyDefinition[] = [
  define('companies', 'name', 'Company name', 'string'),
  define('companies', 'domain', 'Company domain name', 'string'),
  define('companies', 'hs_additional_domains', 'Additional domains', 'string'),
  define('companies', 'country', 'Country/Region', 'string'),
  define('companies', 'hs_parent_company_id', 'Parent company', 'number'),
  define('companies', 'industry', 'Industry', 'string'),
  define('companies', 'city', 'City', 'string'),
  define('companies', 'phone', 'Phone number', 'string', { fieldType: 'phonenumber' }),
  define('companies', 'numberofemployees', 'Number of employees', 'number'),
  define('companies', 'description', 'Description', 'string', { fieldType: 'textarea' }),
];

const DEALS: readonly PropertyDefinition[] = [
  define('deals', 'dealname', 'Deal name', 'string'),
  define('deals', 'amount', 'Amount', 'number'),
  define('deals', 'closedate', 'Close date', 'datetime'),
  define('deals', 'description', 'Description', 'string', { fieldType: 'textarea' }),
  define('deals', 'pipeline', 'Pipeline', 'enumeration', { options: options(['default', 'Sales pipeline']) }),
  define('deals', 'dealstage', 'Deal stage', 'enumeration', {
    options: options(
      ['appointmentscheduled', 'Appointment scheduled'],
      ['qualifiedtobuy', 'Qualified to buy'],
      ['contractsent', 'Contract sent'],
      ['closedwon', 'Closed won'],
      ['closedlost', 'Closed lost'],
    ),
  }),
];

const LEADS: readonly PropertyDefinition[] = [
  define('leads', 'hs_lead_name', 'Lead name', 'string'),
  define('leads', 'hs_lead_type', 'Lead type', 'enumeration', {
    options: options(['NEW_BUSINESS', 'New business'], ['UPSELL', 'Upsell'], ['RE_ATTEMPTING', 'Re-attempting']),
  }),
  define('leads', 'hs_lead_label', 'Lead label', 'enumeration', { options: options(['HOT', 'Hot'], ['WARM', 'Warm'], ['COLD', 'Cold']) }),
  define('leads', 'hs_pipeline', 'Pipeline', 'enumeration', { options: options(['lead-pipeline-id', 'Lead pipeline']) }),
  define('leads', 'hs_pipeline_stage', 'Pipeline stage', 'enumeration', {
    options: options(
      ['new-stage-id', 'New'],
      ['attempting-stage-id', 'Attempting'],
      ['connected-stage-id', 'Connected'],
      ['qualified-stage-id', 'Qualified'],
      ['unqualified-stage-id', 'Disqualified'],
    ),
  }),
];

const timed = (objectType: ObjectType): PropertyDefinition => define(objectType, 'hs_timestamp', 'Activity date', 'datetime');
const html = (objectType: ObjectType, name: string, label: string): PropertyDefinition =>
  define(objectType, name, label, 'string', { fieldType: 'html' });

const ACTIVITIES: readonly PropertyDefinition[] = [
  timed('notes'),
  html('notes', 'hs_note_body', 'Note body'),
  timed('calls'),
  define('calls', 'hs_call_title', 'Call title', 'string'),
  html('calls', 'hs_call_body', 'Call notes'),
  define('calls', 'hs_call_direction', 'Call direction', 'enumeration', {
    options: options(['INBOUND', 'Inbound'], ['OUTBOUND', 'Outbound']),
  }),
  timed('emails'),
  define('emails', 'hs_email_subject', 'Email subject', 'string'),
  define('emails', 'hs_email_text', 'Text body', 'string', { fieldType: 'textarea' }),
  define('emails', 'hs_email_direction', 'Email direction', 'enumeration', {
    options: options(['EMAIL', 'Outgoing'], ['INCOMING_EMAIL', 'Incoming'], ['FORWARDED_EMAIL', 'Forwarded']),
  }),
  timed('meetings'),
  define('meetings', 'hs_meeting_title', 'Meeting title', 'string'),
  html('meetings', 'hs_meeting_body', 'Meeting description'),
  define('meetings', 'hs_meeting_start_time', 'Start time', 'datetime'),
  define('meetings', 'hs_meeting_end_time', 'End time', 'datetime'),
];

/** Made by the scenario's administrator for change sets: the key of the step that creates a record. */
const STEP_KEYS: readonly PropertyDefinition[] = (['contacts', 'companies', 'deals', 'leads', 'tasks'] as const).map((objectType) =>
  define(objectType, 'lockstep_step_key', 'Lockstep step key', 'string', { hasUniqueValue: true, hubspotDefined: false }),
);

export const PROPERTIES: readonly PropertyDefinition[] = [
  ...OBJECT_TYPES.flatMap(everyObject),
  ...TASKS,
  ...CONTACTS,
  ...COMPANIES,
  ...DEALS,
  ...LEADS,
  ...ACTIVITIES,
  ...STEP_KEYS,
];
