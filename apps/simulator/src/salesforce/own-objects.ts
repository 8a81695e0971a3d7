/** Our custom object for the backlog, and the people and queues of the org. */
import { personName } from './crm-objects.ts';
import { derived, field, fieldsOf, historyOf, longText, lookup, marker, object, owner, picklist } from './fields.ts';
import type { ObjectDefinition } from './model.ts';

const item = object(
  'Lockstep_Item__c',
  'a00',
  [
    derived('Name', 'string', { label: 'Item Number', length: 80, nameField: true, autoNumber: true }),
    owner('Group'),
    marker,
    field('Title__c', 'string', { required: true }),
    field('Kind__c', 'string', { length: 40 }),
    field('Owner__c', 'string', { label: 'Plan Owner' }),
    picklist('Status__c', ['To Do', 'In Progress', 'Blocked', 'Done', 'Cancelled'], { restricted: true, default: 'To Do' }),
    picklist('Priority__c', ['Highest', 'High', 'Medium', 'Low', 'Lowest'], { restricted: true }),
    field('Due__c', 'date'),
    longText('Description__c', 131_072),
    longText('Definition_Of_Done__c', 32_768),
    longText('Metric__c', 32_768),
    longText('Dependencies__c', 32_768),
    lookup('Parent__c', ['Lockstep_Item__c'], { onDelete: 'clear', childRelationshipName: 'Children__r' }),
    /** Lockstep ids of the items that must be done before, separated by semicolons. */
    longText('Depends_On__c', 32_768),
    field('Section__c', 'string'),
    field('Labels__c', 'multipicklist'),
  ],
  {
    label: 'Lockstep Item',
    labelPlural: 'Lockstep Items',
    history: { object: 'Lockstep_Item__History', parentField: 'ParentId' },
    tracked: [
      ...['Title__c', 'Kind__c', 'Owner__c', 'Status__c', 'Priority__c', 'Due__c', 'Description__c', 'Definition_Of_Done__c'],
      ...['Metric__c', 'Dependencies__c', 'Parent__c', 'Depends_On__c', 'Section__c', 'Labels__c', 'OwnerId'],
    ],
  },
);

const user = object(
  'User',
  '005',
  [
    ...personName,
    field('Username', 'string', { length: 80, required: true, idLookup: true }),
    field('Email', 'email', { length: 128, required: true, idLookup: true }),
    field('Alias', 'string', { length: 8, required: true }),
    field('IsActive', 'boolean', { label: 'Active', default: true }),
    ...fieldsOf('string', 80, 'Title', 'CompanyName', 'Division', 'Department'),
    lookup('ManagerId', ['User']),
    picklist('UserType', ['Standard'], { createable: false, updateable: false, default: 'Standard', length: 40 }),
    ...['TimeZoneSidKey', 'LocaleSidKey', 'LanguageLocaleKey', 'EmailEncodingKey'].map((name) => field(name, 'string', { length: 40 })),
  ],
  { deletable: false },
);

const group = object('Group', '00G', [
  field('Name', 'string', { length: 40, required: true, nameField: true }),
  field('DeveloperName', 'string', { length: 80 }),
  picklist('Type', ['Regular', 'Queue'], { required: true, restricted: true, updateable: false, length: 40 }),
  field('Email', 'email'),
  field('DoesSendEmailToMembers', 'boolean'),
  field('DoesIncludeBosses', 'boolean'),
]);

const member = object('GroupMember', '011', [
  lookup('GroupId', ['Group'], { required: true, updateable: false, onDelete: 'cascade', childRelationshipName: 'GroupMembers' }),
  lookup('UserOrGroupId', ['User', 'Group'], { required: true, updateable: false }),
]);

const queueObject = object('QueueSobject', '03g', [
  lookup('QueueId', ['Group'], { required: true, updateable: false, onDelete: 'cascade', childRelationshipName: 'QueueSobjects' }),
  picklist('SobjectType', ['Lead', 'Task', 'Lockstep_Item__c'], { required: true, restricted: true, updateable: false, length: 40 }),
]);

const organization = object(
  'Organization',
  '00D',
  [
    field('Name', 'string', { length: 80, nameField: true }),
    field('OrganizationType', 'string', { length: 40 }),
    field('InstanceName', 'string', { length: 5 }),
    field('IsSandbox', 'boolean'),
    field('TimeZoneSidKey', 'string', { length: 40 }),
  ],
  { creatable: false, deletable: false },
);

export const OWN_OBJECTS: readonly ObjectDefinition[] = [
  item,
  historyOf('Lockstep_Item__History', 'ParentId', 'Lockstep_Item__c'),
  user,
  group,
  member,
  queueObject,
  organization,
];
