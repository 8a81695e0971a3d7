/** What differs between the objects: how clients name them, what they require, what they show unasked. A further object is a further row. */
import { badRequest } from './errors.ts';
import { OBJECT_TYPES } from './model.ts';
import type { ObjectType, Values } from './model.ts';

interface ObjectTraits {
  /** HubSpot's id of the object type. */
  readonly typeId: string;
  readonly singular: string;
  /** As errors name it. */
  readonly noun: string;
  /** Scopes are granted per family: activities go with contacts. */
  readonly scope: 'contacts' | 'companies' | 'deals' | 'leads';
  /** Shown where no properties are asked for, beside the id and the two dates. */
  readonly shown: readonly string[];
  /** A record is refused without them. */
  readonly required: readonly string[];
  /** One of these must be associated with a new record. */
  readonly belongsTo?: readonly ObjectType[];
  readonly defaults: Values;
  /** Where a search's `query` looks. */
  readonly searched: readonly string[];
  readonly canMerge: boolean;
}

const ACTIVITY = { scope: 'contacts', shown: [], required: ['hs_timestamp'], defaults: {}, canMerge: false } as const;

const TRAITS: Record<ObjectType, ObjectTraits> = {
  tasks: {
    typeId: '0-27',
    singular: 'task',
    noun: 'TASK',
    scope: 'contacts',
    shown: [],
    required: ['hs_timestamp'],
    defaults: { hs_task_status: 'NOT_STARTED', hs_task_priority: 'NONE', hs_task_type: 'TODO' },
    searched: ['hs_task_subject', 'hs_task_body'],
    canMerge: false,
  },
  contacts: {
    typeId: '0-1',
    singular: 'contact',
    noun: 'CONTACT',
    scope: 'contacts',
    shown: ['email', 'firstname', 'lastname'],
    required: [],
    defaults: {},
    searched: ['email', 'firstname', 'lastname', 'phone', 'company'],
    canMerge: true,
  },
  companies: {
    typeId: '0-2',
    singular: 'company',
    noun: 'COMPANY',
    scope: 'companies',
    shown: ['name', 'domain'],
    required: [],
    defaults: {},
    searched: ['name', 'domain', 'phone'],
    canMerge: true,
  },
  deals: {
    typeId: '0-3',
    singular: 'deal',
    noun: 'DEAL',
    scope: 'deals',
    shown: ['amount', 'closedate', 'dealname', 'dealstage', 'pipeline'],
    required: [],
    defaults: { pipeline: 'default' },
    searched: ['dealname', 'description'],
    canMerge: true,
  },
  leads: {
    typeId: '0-136',
    singular: 'lead',
    noun: 'LEAD',
    scope: 'leads',
    shown: ['hs_lead_name', 'hs_lead_type', 'hs_lead_label'],
    required: ['hs_lead_name'],
    belongsTo: ['contacts', 'companies'],
    defaults: { hs_pipeline: 'lead-pipeline-id', hs_pipeline_stage: 'new-stage-id' },
    searched: ['hs_lead_name'],
    canMerge: false,
  },
  notes: {
    ...ACTIVITY,
    typeId: '0-46',
    singular: 'note',
    noun: 'NOTE',
    searched: ['hs_note_body'],
  },
  calls: {
    ...ACTIVITY,
    typeId: '0-48',
    singular: 'call',
    noun: 'CALL',
    searched: ['hs_call_title', 'hs_call_body'],
  },
  emails: {
    ...ACTIVITY,
    typeId: '0-49',
    singular: 'email',
    noun: 'EMAIL',
    searched: ['hs_email_subject', 'hs_email_text'],
  },
  meetings: {
    ...ACTIVITY,
    typeId: '0-47',
    singular: 'meeting_event',
    noun: 'MEETING_EVENT',
    searched: ['hs_meeting_title', 'hs_meeting_body'],
  },
};

export const traitsOf = (objectType: ObjectType): ObjectTraits => TRAITS[objectType];

/** An object type by its name (singular or plural, any case) or its id; an unknown one is HubSpot's 400. */
export function objectTypeOf(name: string): ObjectType {
  const wanted = name.toLowerCase();
  const found = OBJECT_TYPES.find((type) => type === wanted || TRAITS[type].singular === wanted || TRAITS[type].typeId === wanted);
  if (found === undefined) throw badRequest(`Unable to infer object type from: ${name}`);
  return found;
}
