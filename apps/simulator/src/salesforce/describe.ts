/** What clients can know of objects and fields. Source: DescribeGlobalResult and DescribeSObjectResult of the contract. */
import type { FieldDefinition, ObjectDefinition } from './model.ts';
import type { Schema } from './schema.ts';
import { soapType } from './values.ts';

/** An object as the list of all objects has it. */
export function describedBriefly(version: string, object: ObjectDefinition): Record<string, unknown> {
  const base = `/services/data/${version}/sobjects/${object.name}`;
  const { writable, creatable, deletable } = object;
  const isCustom = object.name.includes('__');
  return {
    ...{ name: object.name, label: object.label, labelPlural: object.labelPlural, keyPrefix: object.keyPrefix },
    ...{ custom: isCustom, customSetting: false, activateable: false, createable: creatable, updateable: writable },
    ...{ deletable: writable && deletable, undeletable: writable && deletable, mergeable: false, replicateable: true },
    ...{ triggerable: writable, queryable: true, retrieveable: true, searchable: writable, layoutable: writable },
    ...{ feedEnabled: writable, mruEnabled: writable, hasSubtypes: false, isSubtype: false, isInterface: false },
    ...{ dataTranslationEnabled: null, deepCloneable: false, deprecatedAndHidden: false },
    ...{ associateEntityType: null, associateParentEntity: null },
    urls: {
      sobject: base,
      describe: `${base}/describe`,
      rowTemplate: `${base}/{ID}`,
    },
  };
}

/** An object with its fields and the objects that refer to it. */
export function described(version: string, object: ObjectDefinition, schema: Schema): Record<string, unknown> {
  return {
    ...describedBriefly(version, object),
    fields: object.fields.map((field) => describedField(object, field)),
    childRelationships: schema.objects.flatMap((child) =>
      child.fields
        .filter(({ referenceTo }) => referenceTo.includes(object.name))
        .map((field) => ({
          ...{ childSObject: child.name, field: field.name, relationshipName: field.childRelationshipName },
          ...{ cascadeDelete: field.onDelete === 'cascade', restrictedDelete: false, deprecatedAndHidden: false },
          ...{ junctionIdListNames: [], junctionReferenceTo: [] },
        })),
    ),
    recordTypeInfos: [
      {
        ...{ active: true, available: true, defaultRecordTypeMapping: true, developerName: 'Master', master: true, name: 'Master' },
        recordTypeId: '012000000000000AAA',
        urls: { layout: `/services/data/${version}/sobjects/${object.name}/describe/layouts/012000000000000AAA` },
      },
    ],
    ...{ compactLayoutable: object.writable, searchLayoutable: object.writable, lookupLayoutable: null, listviewable: null },
    ...{ actionOverrides: [], namedLayoutInfos: [], networkScopeFieldName: null, sobjectDescribeOption: 'FULL' },
    ...{ defaultImplementation: null, extendedBy: null, extendsInterfaces: null, implementedBy: null, implementsInterfaces: null },
    supportedScopes: [
      { label: `All ${object.labelPlural}`, name: 'everything' },
      { label: `My ${object.labelPlural}`, name: 'mine' },
    ],
  };
}

/** Long texts cannot stand in conditions, orders and groups. */
export const isFilterable = (field: FieldDefinition): boolean => !(field.type === 'textarea' && field.length > 255);

const isNumber = ({ type }: FieldDefinition): boolean => ['int', 'double', 'currency', 'percent'].includes(type);

function describedField(object: ObjectDefinition, field: FieldDefinition): Record<string, unknown> {
  const isReference = field.type === 'reference';
  const isText = soapType(field) === 'string';
  const filterable = isFilterable(field);
  return {
    ...{
      name: field.name,
      label: field.label,
      type: field.type,
      soapType: field.type === 'id' || isReference ? 'tns:ID' : `xsd:${soapType(field)}`,
    },
    ...{ custom: field.name.endsWith('__c'), length: field.length, byteLength: isText ? Math.min(field.length * 3, 393_216) : 0 },
    ...{ digits: field.type === 'int' ? 9 : 0, precision: isNumber(field) && field.type !== 'int' ? 18 : 0, scale: field.scale },
    ...{
      nillable: !field.required && field.type !== 'boolean' && field.type !== 'id' && field.name !== 'OwnerId',
      defaultedOnCreate: isDefaulted(field),
    },
    ...{ createable: field.createable && object.creatable, updateable: field.updateable && object.writable },
    ...{ externalId: field.externalId, idLookup: field.idLookup || field.externalId, unique: field.unique, caseSensitive: false },
    ...{ nameField: field.nameField, autoNumber: field.autoNumber, calculated: false, calculatedFormula: null },
    ...{ defaultValue: field.default, defaultValueFormula: null, formulaTreatNullNumberAsZero: false },
    ...{
      filterable,
      sortable: filterable && field.type !== 'multipicklist',
      groupable: filterable && !isNumber(field) && field.type !== 'datetime',
    },
    ...{ aggregatable: filterable && field.type !== 'boolean' && field.type !== 'multipicklist', searchPrefilterable: isReference },
    restrictedPicklist: field.restricted,
    picklistValues: field.options.map((value) => ({
      active: true,
      defaultValue: value === field.default,
      label: value,
      validFor: null,
      value,
    })),
    ...{ controllerName: null, dependentPicklist: false, filteredLookupInfo: null },
    ...{ referenceTo: field.referenceTo, referenceTargetField: null, relationshipName: field.relationshipName, relationshipOrder: null },
    ...{ polymorphicForeignKey: field.referenceTo.length > 1, namePointing: field.referenceTo.length > 1 },
    ...{ cascadeDelete: field.onDelete === 'cascade', restrictedDelete: false, writeRequiresMasterRead: false },
    ...{ encrypted: false, htmlFormatted: false, highScaleNumber: false, displayLocationInDecimal: false, queryByDistance: false },
    ...{ mask: null, maskType: null, inlineHelpText: null, compoundFieldName: null, aiPredictionField: false, deprecatedAndHidden: false },
    ...{ extraTypeInfo: field.type === 'textarea' ? 'plaintextarea' : null, permissionable: field.createable && !field.required },
  };
}

const isDefaulted = (field: FieldDefinition): boolean =>
  field.default !== null || field.type === 'id' || field.name === 'OwnerId' || (!field.createable && field.type === 'datetime');
