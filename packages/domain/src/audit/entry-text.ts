/** An entry as text, and as a line of an exported log. */
import canonicalize from 'canonicalize';
import type { AuditEntry } from './entry.ts';

/** The exact text of an entry: canonical JSON (RFC 8785). It is what is hashed. */
export function canonicalEntry(entry: AuditEntry): string {
  return canonicalize(entry) ?? '';
}

export interface ExportedEntry {
  readonly seq: number;
  readonly workspaceId: string;
  /** The exact text that is hashed. */
  readonly canonical: string;
  /** The leaf hash that the log states, lower-case hex. */
  readonly leaf: string;
}

/** The line, without its line end. It is canonical JSON itself. */
export function exportedLine(canonical: string, leaf: string): string {
  return `{"entry":${canonical},"leaf":"${leaf}"}`;
}

/** The entry of a line; null where the line is not, to the byte, one that an export writes. */
export function readExportedLine(line: string): ExportedEntry | null {
  const [, canonical, leaf] = /^\{"entry":(\{.*\}),"leaf":"([0-9a-f]{64})"\}$/s.exec(line) ?? [];
  if (canonical === undefined || leaf === undefined) return null;
  const value = parsed(canonical);
  if (typeof value !== 'object' || value === null || canonicalize(value) !== canonical) return null;
  const { seq, workspaceId } = value as Record<string, unknown>;
  return typeof seq === 'number' && typeof workspaceId === 'string' ? { seq, workspaceId, canonical, leaf } : null;
}

/** The leaf hash that a damaged line still states; null for none, and for several: a line end is damaged too, and then two entries stand on one line. */
export function statedLeaf(line: string): string | null {
  const first = /"leaf":"([0-9a-f]{64})"\}/.exec(line);
  return first !== null && first.index + first[0].length === line.length ? (first[1] ?? null) : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
