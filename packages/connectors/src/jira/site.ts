/** What the parts of the connector share: the client, the mapping, and what the site calls things. */
import type { RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { readCatalogue } from './catalogue.ts';
import type { Catalogue } from './catalogue.ts';
import type { JiraClient } from './client.ts';
import { decodeIssue } from './decode.ts';
import { MARKER_PROPERTY, neededFields } from './mapping.ts';
import type { WireIssue } from './wire.ts';

/** How long a catalogue that lacks a mapped name stands before it is read again. */
const INCOMPLETE_FOR_MS = 60_000;

export interface JiraSite {
  readonly client: JiraClient;
  readonly mapping: Mapping;
  readonly baseUrl: string;
  /** Read once; again where a mapped field was not found, or `afresh`. */
  catalogue(afresh?: boolean): Promise<Catalogue>;
  /** Issues from the primary store, at most 100, by numeric id. Those that are not there or not to be seen are left out. */
  read(idsOrKeys: readonly string[]): Promise<ReadonlyMap<string, WireIssue>>;
  record(catalogue: Catalogue, issue: WireIssue): RemoteRecord;
}

export function createSite(parts: {
  readonly client: JiraClient;
  readonly mapping: Mapping;
  readonly baseUrl: string;
  readonly clock: () => Date;
}): JiraSite {
  const { client, mapping, baseUrl, clock } = parts;
  let known: { readonly catalogue: Promise<Catalogue>; readonly readAtMs: number } | null = null;
  const read = (): Promise<Catalogue> => {
    const catalogue = readCatalogue(client, mapping);
    known = { catalogue, readAtMs: clock().getTime() };
    // A failed read is not remembered.
    catalogue.catch(() => {
      if (known?.catalogue === catalogue) known = null;
    });
    return catalogue;
  };
  const site: JiraSite = {
    client,
    mapping,
    baseUrl,
    catalogue: async (afresh = false) => {
      if (afresh || known === null) return read();
      const { catalogue, readAtMs } = known;
      const found = await catalogue;
      const lacks = Object.values(mapping.fields).some((field) => found.field(field.remote) === null);
      return lacks && clock().getTime() - readAtMs > INCOMPLETE_FOR_MS ? read() : found;
    },
    read: async (idsOrKeys) => {
      if (idsOrKeys.length === 0) return new Map();
      const catalogue = await site.catalogue();
      const issues = await client.bulkFetch(idsOrKeys, neededFields(mapping, catalogue), [MARKER_PROPERTY]);
      return new Map(issues.map((issue) => [issue.id, issue]));
    },
    record: (catalogue, issue) => decodeIssue({ mapping, catalogue, baseUrl }, issue),
  };
  return site;
}
