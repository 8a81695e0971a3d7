/** The properties and property groups of a portal: HubSpot's own, and those that clients made. */
import type { Documents } from '../kernel/database.ts';
import type { ObjectType, PropertyDefinition, PropertyGroup } from './model.ts';
import { PROPERTIES, PROPERTY_GROUPS } from './property-table.ts';

export class Schema {
  private readonly properties = new Map<string, PropertyDefinition>();
  private readonly groups = new Map<string, PropertyGroup>();
  private readonly documents: Documents;

  constructor(documents: Documents) {
    this.documents = documents;
    const properties = documents.load('property') as Iterable<PropertyDefinition>;
    for (const property of [...PROPERTIES, ...properties]) this.properties.set(keyOf(property), property);
    const groups = documents.load('group') as Iterable<PropertyGroup>;
    for (const group of [...PROPERTY_GROUPS, ...groups]) this.groups.set(keyOf(group), group);
  }

  /** The definition of a property that is not archived. */
  property(objectType: ObjectType, name: string): PropertyDefinition | undefined {
    const found = this.anyProperty(objectType, name);
    return found?.archivedMs === null ? found : undefined;
  }

  anyProperty(objectType: ObjectType, name: string): PropertyDefinition | undefined {
    return this.properties.get(keyOf({ objectType, name }));
  }

  propertiesOf(objectType: ObjectType): readonly PropertyDefinition[] {
    return [...this.properties.values()].filter((property) => property.objectType === objectType);
  }

  group(objectType: ObjectType, name: string): PropertyGroup | undefined {
    return this.groups.get(keyOf({ objectType, name }));
  }

  groupsOf(objectType: ObjectType): readonly PropertyGroup[] {
    return [...this.groups.values()].filter((group) => group.objectType === objectType);
  }

  saveProperty(property: PropertyDefinition): void {
    this.properties.set(keyOf(property), property);
    this.documents.put('property', keyOf(property), property);
  }

  saveGroup(group: PropertyGroup): void {
    this.groups.set(keyOf(group), group);
    this.documents.put('group', keyOf(group), group);
  }
}

const keyOf = ({ objectType, name }: { objectType: ObjectType; name: string }): string => `${objectType}/${name}`;
