/** Which records belong together: edges in memory, both directions, written through to the database. */
import type { Documents } from '../kernel/database.ts';
import { ASSOCIATION_TYPES } from './association-types.ts';
import type { AssociationType, Edge, ObjectType } from './model.ts';

/** The far side of an edge; ids are unique within an object type only. */
const nodeOf = (type: ObjectType, id: string): string => `${type}/${id}`;
const keyOf = (edge: Edge): string => `${nodeOf(edge.fromType, edge.fromId)}/${nodeOf(edge.toType, edge.toId)}/${edge.typeId}`;

export class Associations {
  private readonly edges = new Map<string, Map<string, Edge>>();
  private readonly custom: AssociationType[];
  private readonly documents: Documents;
  private readonly isLive: (type: ObjectType, id: string) => boolean;

  constructor(documents: Documents, isLive: (type: ObjectType, id: string) => boolean) {
    this.documents = documents;
    this.isLive = isLive;
    this.custom = [...(documents.load('association-type') as Iterable<AssociationType>)];
    for (const edge of documents.load('association') as Iterable<Edge>) this.remember(edge);
  }

  types(from: ObjectType, to: ObjectType): readonly AssociationType[] {
    return [...ASSOCIATION_TYPES, ...this.custom].filter((type) => type.from === from && type.to === to);
  }

  type(from: ObjectType, typeId: number): AssociationType | undefined {
    return [...ASSOCIATION_TYPES, ...this.custom].find((type) => type.from === from && type.typeId === typeId);
  }

  addType(type: AssociationType): void {
    this.custom.push(type);
    this.documents.put('association-type', String(type.typeId), type);
  }

  /** Edges from a record to live records of another object, by the other's id. */
  of(from: ObjectType, id: string, to: ObjectType): readonly Edge[] {
    return this.all(from, id)
      .filter((edge) => edge.toType === to && this.isLive(to, edge.toId))
      .sort((a, b) => Number(a.toId) - Number(b.toId) || a.typeId - b.typeId);
  }

  all(from: ObjectType, id: string): Edge[] {
    return [...(this.edges.get(nodeOf(from, id))?.values() ?? [])];
  }

  /** Adds an edge and its inverse; one that is there stays. A labelled edge brings the unlabelled one along. */
  add(fromId: string, toId: string, type: AssociationType): void {
    const base = this.types(type.from, type.to)[0];
    for (const each of base === undefined || base.typeId === type.typeId ? [type] : [base, type])
      for (const edge of bothWays(fromId, toId, each)) {
        this.remember(edge);
        this.documents.put('association', keyOf(edge), edge);
      }
  }

  remove(fromId: string, toId: string, type: AssociationType): void {
    for (const edge of bothWays(fromId, toId, type)) {
      this.edges.get(nodeOf(edge.fromType, edge.fromId))?.delete(keyOf(edge));
      this.documents.remove('association', keyOf(edge));
    }
  }

  private remember(edge: Edge): void {
    const node = nodeOf(edge.fromType, edge.fromId);
    const known = this.edges.get(node) ?? new Map<string, Edge>();
    this.edges.set(node, known.set(keyOf(edge), edge));
  }
}

function bothWays(fromId: string, toId: string, type: AssociationType): Edge[] {
  return [
    { fromType: type.from, fromId, toType: type.to, toId, typeId: type.typeId },
    { fromType: type.to, fromId: toId, toType: type.from, toId: fromId, typeId: type.inverseId },
  ];
}
