/**
 * A model world for the laws of the merge: one item, several peers that people edit, and a hub that reads, compares, writes, crashes and recovers.
 * It knows of every edit which later edit's author had seen it, so that "no lost update" (S2) can be judged without trusting the merge.
 * For tests only; pure, so that a failing history can be shrunk and replayed from its seed.
 */
import type { MappedField } from '../sync/connector.port.ts';
import type { Link } from '../sync/link.ts';
import type { FieldMap, FieldName, FieldValue, Item } from './item.ts';
import { mergeObserved } from './merge.ts';
import type { FieldConflict } from './merge.ts';
import { basesAfterWrite, owedFields } from './owed.ts';
import type { MergePolicy } from './ownership.ts';
import { members, normalise, sameValue } from './value.ts';

/** A tool of the model. */
export interface Peer {
  readonly connectionId: string;
  /** Finds edits that landed between compare and write (Jira, HubSpot); Notion does not. */
  readonly hasHistory: boolean;
  /** Longest text that it stores; longer ones are clipped, which the hub must not take for an edit. */
  readonly room: number;
}

/** Something that happens. Peers are named by number. */
export type Happening =
  | { readonly type: 'edit'; readonly peer: number; readonly field: 'owner' | 'dueDate' | 'priority'; readonly value: string }
  | { readonly type: 'label'; readonly peer: number; readonly add: string | null; readonly removeAt: number }
  | { readonly type: 'word'; readonly peer: number; readonly at: number; readonly word: string }
  | { readonly type: 'pull'; readonly peer: number; readonly twice: boolean }
  | {
      readonly type: 'push';
      readonly peer: number;
      readonly crash: 'none' | 'before-write' | 'after-write';
      readonly race: Happening | null;
    };

export const MODEL_FIELDS: readonly FieldName[] = ['owner', 'dueDate', 'priority', 'labels', 'description'];
const MAPPED: readonly MappedField[] = MODEL_FIELDS.map((field) => ({ field, direction: 'both' }));

/** What a person wrote: found again as this token in a value. */
interface Edit {
  readonly token: string;
  readonly field: FieldName;
  superseded: boolean;
  /** Written over by us in a race that the tool gives no means to see (the stated residue of S2). */
  residue: boolean;
}

export class World {
  readonly peers: readonly Peer[];
  readonly policy: MergePolicy;
  readonly shown: FieldMap[];
  readonly edits: Edit[] = [];
  readonly conflicts: FieldConflict[] = [];
  item: Item;
  links: Link[];
  writes = 0;

  constructor(peers: readonly Peer[], policy: MergePolicy, start: FieldMap) {
    this.peers = peers;
    this.policy = policy;
    this.item = { itemId: 'item', kind: 'task', fields: start, stamps: {}, deletedAt: null, deletedBy: null };
    this.shown = peers.map((peer) => stored(peer, start));
    this.links = peers.map((peer, index) => linkOf(peer, start, this.shown[index] ?? {}));
  }

  happen(happening: Happening): void {
    if (happening.type === 'pull') {
      this.pull(happening.peer);
      if (happening.twice) this.pull(happening.peer);
    } else if (happening.type === 'push') this.push(happening.peer, happening.crash, happening.race);
    else this.edit(happening);
  }

  /** Passes until nothing is owed. Returns the rounds that it took; gives up at `most`. */
  settle(most: number): number {
    for (let round = 1; round <= most; round += 1) {
      const before = this.state();
      for (const [index] of this.peers.entries()) {
        this.pull(index);
        this.push(index, 'none', null);
      }
      if (this.state() === before) return round;
    }
    return most + 1;
  }

  private state(): string {
    return JSON.stringify([this.writes, this.item.fields]);
  }

  /** Peers that do not show the canonical value as they store it, and are not waiting for a person. */
  divergences(): readonly string[] {
    return this.peers.flatMap((peer, index) =>
      MODEL_FIELDS.filter((field) => this.links[index]?.bases[field]?.held === undefined)
        .filter((field) => !sameValue(this.shown[index]?.[field], stored(peer, this.item.fields)[field]))
        .map((field) => `${peer.connectionId}.${field}`),
    );
  }

  /** Edits that are nowhere: not in the final state, not superseded by someone who had seen them, not on record. */
  lost(): readonly string[] {
    return this.edits
      .filter((edit) => !edit.superseded && !edit.residue)
      .filter((edit) => !holds(this.item.fields[edit.field], edit.token))
      .filter(
        (edit) =>
          !this.conflicts.some(
            (conflict) =>
              conflict.field === edit.field && (holds(conflict.remoteValue, edit.token) || holds(conflict.canonicalValue, edit.token)),
          ),
      )
      .filter((edit) => !this.links.some((link) => holds(link.bases[edit.field]?.held, edit.token)))
      .map((edit) => `${edit.field}: ${edit.token}`);
  }

  private edit(happening: Exclude<Happening, { type: 'pull' | 'push' }>): void {
    const peer = this.peers[happening.peer];
    const shown = this.shown[happening.peer];
    if (peer === undefined || shown === undefined) return;
    const [field, value, token] = edited(happening, shown);
    this.supersede(field, shown[field], value);
    if (token !== null) this.edits.push({ token, field, superseded: false, residue: false });
    this.shown[happening.peer] = stored(peer, { ...shown, [field]: value });
  }

  /** The author of a new value had seen the old one: what it no longer holds was given up knowingly. */
  private supersede(field: FieldName, before: FieldValue | undefined, after: FieldValue): void {
    for (const edit of this.edits)
      if (edit.field === field && holds(before, edit.token) && !holds(after, edit.token)) edit.superseded = true;
  }

  private pull(index: number): void {
    const link = this.links[index];
    const observed = this.shown[index];
    if (link !== undefined && observed !== undefined) this.merge(index, link, observed);
  }

  private merge(index: number, link: Link, observed: FieldMap): void {
    const merged = mergeObserved({ item: this.item, link, observed, mapped: MAPPED, policy: this.policy });
    this.item = merged.item;
    this.links[index] = merged.link;
    this.conflicts.push(...merged.conflicts);
  }

  private push(index: number, crash: 'none' | 'before-write' | 'after-write', race: Happening | null): void {
    this.pull(index);
    const peer = this.peers[index];
    const link = this.links[index];
    if (peer === undefined || link === undefined) return;
    const sent = owedFields(this.item, link, MAPPED, (_, value) => value);
    if (Object.keys(sent).length === 0 || crash === 'before-write') return;
    const compared = this.shown[index] ?? {};
    const canonical = this.item.fields;
    if (race !== null && race.type !== 'pull' && race.type !== 'push') this.edit({ ...race, peer: index });
    const raced = this.shown[index] ?? {};
    this.shown[index] = stored(peer, { ...raced, ...sent });
    this.writes += 1;
    const overwritten = Object.fromEntries(
      Object.keys(sent).flatMap((name) =>
        sameValue(raced[name as FieldName], compared[name as FieldName]) ? [] : [[name, raced[name as FieldName]]],
      ),
    ) as FieldMap;
    if (crash === 'after-write' || !peer.hasHistory) this.noteResidue(overwritten, sent);
    if (crash === 'after-write') return;
    if (peer.hasHistory && Object.keys(overwritten).length > 0) {
      const merged = mergeObserved({ item: this.item, link, observed: overwritten, mapped: MAPPED, policy: this.policy });
      this.item = merged.item;
      this.conflicts.push(...merged.conflicts);
    }
    this.links[index] = {
      ...link,
      bases: basesAfterWrite({ bases: link.bases, mapped: MAPPED, sent, canonical, readBack: this.shown[index] ?? {} }),
    };
  }

  private noteResidue(overwritten: FieldMap, sent: FieldMap): void {
    for (const edit of this.edits)
      if (holds(overwritten[edit.field], edit.token) && !holds(sent[edit.field], edit.token)) edit.residue = true;
  }
}

function edited(
  happening: Exclude<Happening, { type: 'pull' | 'push' }>,
  shown: FieldMap,
): readonly [FieldName, FieldValue, string | null] {
  if (happening.type === 'edit') return [happening.field, happening.value, happening.value];
  if (happening.type === 'label') {
    const kept = members(shown.labels).filter((_, place) => place !== happening.removeAt);
    return ['labels', happening.add === null ? kept : [...kept, happening.add].sort(), happening.add];
  }
  const words = (typeof shown.description === 'string' ? shown.description : '').split(' ');
  words[happening.at % words.length] = happening.word;
  return ['description', words.join(' '), happening.word];
}

function holds(value: FieldValue | undefined, token: string): boolean {
  if (value === undefined || value === null) return false;
  return typeof value === 'string' ? value.split(' ').includes(token) : value.includes(token);
}

/** A value as this peer keeps it. */
function stored(peer: Peer, fields: FieldMap): FieldMap {
  return Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [
      field,
      field === 'description' && typeof value === 'string' ? value.split(' ').slice(0, peer.room).join(' ') : normalise(value ?? null),
    ]),
  );
}

function linkOf(peer: Peer, start: FieldMap, shown: FieldMap): Link {
  const bases = Object.fromEntries(MODEL_FIELDS.map((field) => [field, { remote: shown[field] ?? null, agreed: start[field] ?? null }]));
  return {
    itemId: 'item',
    connectionId: peer.connectionId,
    remoteId: peer.connectionId,
    remoteKey: null,
    url: null,
    state: 'linked',
    bases,
    revision: null,
    missedScans: 0,
  };
}
