/** Properties and their groups: what an object can hold. */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import { allowed } from './access.ts';
import { bodyOf, booleanParameter, onlyParameters } from './body.ts';
import type { HubSpotContext } from './body.ts';
import { badRequest, HubSpotError } from './errors.ts';
import type { Account, ObjectType, PropertyDefinition, PropertyType } from './model.ts';
import { objectTypeOf, traitsOf } from './object-types.ts';
import type { Parts } from './parts.ts';
import { PROPERTY_PATHS } from './parts.ts';
import type { Portal } from './portal.ts';

const MOST_UNIQUE_PROPERTIES = 10;
const MOST_NAMES = 100;

/** The field types that go with a type. */
const FIELD_TYPES: Record<PropertyType, readonly string[]> = {
  string: ['text', 'textarea', 'html', 'file', 'phonenumber'],
  number: ['number', 'text'],
  date: ['date'],
  datetime: ['date'],
  enumeration: ['select', 'radio', 'checkbox', 'booleancheckbox'],
  bool: ['booleancheckbox', 'select', 'radio'],
};
const typeSchema = z.enum(['string', 'number', 'date', 'datetime', 'enumeration', 'bool']);
const optionSchema = z.strictObject({
  label: z.string(),
  value: z.string().min(1),
  description: z.string().optional(),
  displayOrder: z.number().int().optional(),
  hidden: z.boolean().default(false),
});
const changeable = {
  label: z.string().min(1),
  groupName: z.string(),
  type: typeSchema,
  fieldType: z.string(),
  description: z.string().optional(),
  options: z.array(optionSchema).optional(),
  displayOrder: z.number().int().optional(),
  hidden: z.boolean().optional(),
  formField: z.boolean().optional(),
};
const createSchema = z.strictObject({
  ...changeable,
  name: z.string().min(1).max(100),
  hasUniqueValue: z.boolean().default(false),
});
const updateSchema = z.strictObject(changeable).partial();
const namesSchema = z.strictObject({
  inputs: z
    .array(z.strictObject({ name: z.string() }))
    .min(1)
    .max(MOST_NAMES),
});
const groupSchema = z.strictObject({ name: z.string().min(1), label: z.string().min(1), displayOrder: z.number().int().default(-1) });

const mayReadSchema = (c: HubSpotContext, type: ObjectType): Account => allowed(c, `crm.schemas.${traitsOf(type).scope}.read`);
const mayWriteSchema = (c: HubSpotContext, type: ObjectType): Account => allowed(c, `crm.schemas.${traitsOf(type).scope}.write`);

export function propertyRoutes(app: Hono<VendorEnv>, { portal }: Parts): void {
  for (const base of PROPERTY_PATHS) {
    groupRoutes(app, portal, base);
    batchRoutes(app, portal, base);
    singleRoutes(app, portal, base);
  }
}

function singleRoutes(app: Hono<VendorEnv>, portal: Portal, base: string): void {
  app.get(`${base}/:type`, (c) => {
    const objectType = objectTypeOf(c.req.param('type'));
    mayReadSchema(c, objectType);
    onlyParameters(c, 'archived', 'properties');
    const archived = booleanParameter(c, 'archived');
    const results = portal.schema.propertiesOf(objectType).filter((property) => (property.archivedMs !== null) === archived);
    Object.assign(c.env.trace, { operation: 'list properties', effect: 'read', records: results.length });
    return c.json({ results: results.map(shown) });
  });
  app.post(`${base}/:type`, async (c) => {
    const objectType = objectTypeOf(c.req.param('type'));
    mayWriteSchema(c, objectType);
    const made = newProperty(portal, objectType, await bodyOf(c, createSchema));
    portal.schema.saveProperty(made);
    Object.assign(c.env.trace, { operation: 'create property' });
    return c.json(shown(made), 201);
  });
  app.get(`${base}/:type/:name`, (c) => {
    const objectType = objectTypeOf(c.req.param('type'));
    mayReadSchema(c, objectType);
    onlyParameters(c, 'archived', 'properties');
    const property = propertyOf(portal, objectType, c.req.param('name'), booleanParameter(c, 'archived'));
    Object.assign(c.env.trace, { operation: 'get property', effect: 'read', records: 1 });
    return c.json(shown(property));
  });
  app.patch(`${base}/:type/:name`, async (c) => {
    const objectType = objectTypeOf(c.req.param('type'));
    mayWriteSchema(c, objectType);
    const property = propertyOf(portal, objectType, c.req.param('name'), false);
    const changes = await bodyOf(c, updateSchema);
    if (property.hubspotDefined && Object.keys(changes).some((name) => name !== 'options' && name !== 'label'))
      throw badRequest(`${property.name} is defined by HubSpot; its definition cannot be changed`);
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const next: PropertyDefinition = { ...property, ...given, updatedMs: portal.nowMs() };
    checked(portal, next);
    portal.schema.saveProperty(next);
    Object.assign(c.env.trace, { operation: 'update property' });
    return c.json(shown(next));
  });
  app.delete(`${base}/:type/:name`, (c) => {
    const objectType = objectTypeOf(c.req.param('type'));
    mayWriteSchema(c, objectType);
    onlyParameters(c);
    archive(portal, objectType, c.req.param('name'));
    Object.assign(c.env.trace, { operation: 'archive property' });
    return c.body(null, 204);
  });
}

function batchRoutes(app: Hono<VendorEnv>, portal: Portal, base: string): void {
  const answer = (c: HubSpotContext, properties: readonly PropertyDefinition[], status: 200 | 201): Response => {
    const now = new Date(portal.nowMs()).toISOString();
    return c.json({ status: 'COMPLETE', results: properties.map(shown), startedAt: now, completedAt: now }, status);
  };
  app.post(`${base}/:type/batch/read`, async (c) => {
    const objectType = objectTypeOf(c.req.param('type'));
    mayReadSchema(c, objectType);
    const { inputs, archived } = await bodyOf(c, namesSchema.extend({ archived: z.boolean().default(false) }));
    Object.assign(c.env.trace, { operation: 'batch read properties', effect: 'read', records: inputs.length });
    return answer(
      c,
      inputs.map(({ name }) => propertyOf(portal, objectType, name, archived)),
      200,
    );
  });
  app.post(`${base}/:type/batch/create`, async (c) => {
    const objectType = objectTypeOf(c.req.param('type'));
    mayWriteSchema(c, objectType);
    const { inputs } = await bodyOf(c, z.strictObject({ inputs: z.array(createSchema).min(1).max(MOST_NAMES) }));
    const names = inputs.map(({ name }) => name.toLowerCase());
    if (new Set(names).size < names.length) throw badRequest(`Duplicate property names in batch input: [${names.join(', ')}]`);
    const unique = inputs.filter(({ hasUniqueValue }) => hasUniqueValue).length;
    const made = inputs.map((input) => newProperty(portal, objectType, input, unique));
    portal.transaction(() => made.forEach((property) => portal.schema.saveProperty(property)));
    Object.assign(c.env.trace, { operation: 'batch create properties' });
    return answer(c, made, 201);
  });
  app.post(`${base}/:type/batch/archive`, async (c) => {
    const objectType = objectTypeOf(c.req.param('type'));
    mayWriteSchema(c, objectType);
    const { inputs } = await bodyOf(c, namesSchema);
    for (const { name } of inputs) archive(portal, objectType, name);
    Object.assign(c.env.trace, { operation: 'batch archive properties' });
    return c.body(null, 204);
  });
}

function groupRoutes(app: Hono<VendorEnv>, portal: Portal, base: string): void {
  app.get(`${base}/:type/groups`, (c) => {
    const objectType = objectTypeOf(c.req.param('type'));
    mayReadSchema(c, objectType);
    // Labels are in one language here.
    onlyParameters(c, 'locale');
    const results = portal.schema
      .groupsOf(objectType)
      .map(({ name, label, displayOrder }) => ({ name, label, displayOrder, archived: false }));
    Object.assign(c.env.trace, { operation: 'list property groups', effect: 'read', records: results.length });
    return c.json({ results });
  });
  app.post(`${base}/:type/groups`, async (c) => {
    const objectType = objectTypeOf(c.req.param('type'));
    mayWriteSchema(c, objectType);
    const body = await bodyOf(c, groupSchema);
    if (portal.schema.group(objectType, body.name) !== undefined)
      throw new HubSpotError(409, 'OBJECT_ALREADY_EXISTS', `A property group named '${body.name}' already exists.`);
    portal.schema.saveGroup({ objectType, ...body });
    Object.assign(c.env.trace, { operation: 'create property group' });
    return c.json({ ...body, archived: false }, 201);
  });
}

function propertyOf(portal: Portal, objectType: ObjectType, name: string, archived: boolean): PropertyDefinition {
  const property = portal.schema.anyProperty(objectType, name);
  if (property === undefined || (property.archivedMs !== null) !== archived)
    throw new HubSpotError(404, 'OBJECT_NOT_FOUND', `Property ${name} does not exist`, {
      subCategory: 'Properties.PROPERTY_NOT_FOUND',
      context: { propertyName: [name] },
    });
  return property;
}

function newProperty(portal: Portal, objectType: ObjectType, body: z.infer<typeof createSchema>, uniqueInRequest = 1): PropertyDefinition {
  const name = body.name.toLowerCase();
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    throw badRequest(`Property name '${body.name}' is not valid: it must start with a letter and hold letters, digits and underscores`);
  if (portal.schema.property(objectType, name) !== undefined)
    throw new HubSpotError(409, 'OBJECT_ALREADY_EXISTS', `A property named '${name}' already exists.`, {
      subCategory: 'Properties.PROPERTY_EXISTS',
    });
  const nowMs = portal.nowMs();
  const property: PropertyDefinition = {
    objectType,
    name,
    label: body.label,
    type: body.type,
    fieldType: body.fieldType,
    groupName: body.groupName,
    description: body.description ?? '',
    options: body.options ?? [],
    displayOrder: body.displayOrder ?? -1,
    hidden: body.hidden ?? false,
    formField: body.formField ?? false,
    hasUniqueValue: body.hasUniqueValue,
    hubspotDefined: false,
    readOnlyValue: false,
    createdMs: nowMs,
    updatedMs: nowMs,
    archivedMs: null,
  };
  checked(portal, property);
  if (property.hasUniqueValue) refuseTooManyUnique(portal, property, uniqueInRequest);
  return property;
}

function refuseTooManyUnique(portal: Portal, property: PropertyDefinition, more: number): void {
  if (property.type !== 'string' && property.type !== 'number')
    throw badRequest(`Property '${property.name}' of type ${property.type} cannot have unique values`);
  const held = portal.schema.propertiesOf(property.objectType).filter((each) => each.hasUniqueValue && !each.hubspotDefined).length;
  if (held + more > MOST_UNIQUE_PROPERTIES)
    throw badRequest(`At most ${MOST_UNIQUE_PROPERTIES} properties of an object can have unique values`, {
      subCategory: 'Properties.UNIQUE_PROPERTY_LIMIT_EXCEEDED',
    });
}

function checked(portal: Portal, property: PropertyDefinition): void {
  if (portal.schema.group(property.objectType, property.groupName) === undefined)
    throw badRequest(`Property group '${property.groupName}' does not exist`, { context: { groupName: [property.groupName] } });
  if (!FIELD_TYPES[property.type].includes(property.fieldType))
    throw badRequest(`Field type '${property.fieldType}' does not go with type '${property.type}'`);
  const values = property.options.map(({ value }) => value);
  if (new Set(values).size < values.length) throw badRequest(`Property '${property.name}' has an option twice`);
}

function archive(portal: Portal, objectType: ObjectType, name: string): void {
  const property = portal.schema.property(objectType, name);
  if (property === undefined) return;
  if (property.hubspotDefined) throw badRequest(`${name} is defined by HubSpot and cannot be archived`);
  portal.schema.saveProperty({ ...property, archivedMs: portal.nowMs() });
}

const iso = (atMs: number): string => new Date(atMs).toISOString();

function shown(property: PropertyDefinition): object {
  const { objectType: _, readOnlyValue, createdMs, updatedMs, archivedMs, ...rest } = property;
  return {
    ...rest,
    calculated: false,
    externalOptions: property.name === 'hubspot_owner_id',
    ...(property.name === 'hubspot_owner_id' ? { referencedObjectType: 'OWNER' } : {}),
    archived: archivedMs !== null,
    ...(archivedMs === null ? {} : { archivedAt: iso(archivedMs) }),
    createdAt: iso(createdMs),
    updatedAt: iso(updatedMs),
    modificationMetadata: {
      archivable: !property.hubspotDefined,
      readOnlyDefinition: property.hubspotDefined,
      readOnlyOptions: property.hubspotDefined,
      readOnlyValue,
    },
  };
}
