/**
 * The documents of routing: scoring, roster, policy and service levels as YAML, validated with the line of everything that is wrong. A file that changes is read
 * again at once; one that does not load any more changes nothing, and is told: leads go on by what was in force.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isMap, isNode, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { watchFile } from '@lockstep/connectors/document/watch.ts';
import { policySchema } from '@lockstep/domain/routing/policy.schema.ts';
import { problemText, schemaProblems } from '@lockstep/domain/routing/problem.ts';
import type { Locate, Path, Problem } from '@lockstep/domain/routing/problem.ts';
import { rosterSchema } from '@lockstep/domain/routing/roster.schema.ts';
import { scoringSchema } from '@lockstep/domain/routing/score.schema.ts';
import { slaFileSchema } from '@lockstep/domain/routing/sla.schema.ts';
import { ConfigError } from './config.ts';

export const DOCUMENT_SCHEMAS = { scoring: scoringSchema, roster: rosterSchema, policy: policySchema, slas: slaFileSchema } as const;
export type DocumentKind = keyof typeof DOCUMENT_SCHEMAS;
export const DOCUMENT_KINDS: readonly DocumentKind[] = ['scoring', 'roster', 'policy', 'slas'];

/** What each kind is when it is valid. */
export type DocumentBodies = { readonly [K in DocumentKind]: ReturnType<(typeof DOCUMENT_SCHEMAS)[K]['parse']> };

export interface DocumentText {
  /** For messages. */
  readonly name: string;
  readonly text: string;
}

export interface ReadDocument<K extends DocumentKind> {
  readonly name: string;
  /** Null where anything is wrong with it. */
  readonly body: DocumentBodies[K] | null;
  readonly problems: readonly Problem[];
  readonly locate: Locate;
}

const REMEDY = 'mend it; `lockstep routing check` tells all that is wrong before it is in force';

/** Reads one document. Total: whatever the text is, what is wrong with it. */
export function readDocument<K extends DocumentKind>(kind: K, { name, text }: DocumentText): ReadDocument<K> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const locate = (path: Path): number | null => lineAt(document, lines, path);
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ pos, message }): Problem => {
      const [first = message] = message.split('\n');
      return { severity: 'error', file: name, line: lines.linePos(pos[0]).line, path: '', expected: 'YAML', got: first, remedy: REMEDY };
    });
    return { name, body: null, problems, locate };
  }
  const value: unknown = document.toJS();
  const result = DOCUMENT_SCHEMAS[kind].safeParse(value);
  if (result.success) return { name, body: result.data as DocumentBodies[K], problems: [], locate };
  return { name, body: null, problems: schemaProblems(result.error.issues, value, { file: name, remedy: REMEDY, locate }), locate };
}

/** The line of a path, or of the nearest thing around it that is there. */
function lineAt(document: Document, lines: LineCounter, path: Path): number | null {
  for (let length = path.length; length >= 0; length -= 1) {
    const inner = path.slice(0, length);
    const parent = length === 0 ? null : document.getIn(inner.slice(0, -1), true);
    // The key's line, where it has one: the value may begin on the next.
    const key = isMap(parent) ? parent.items.find((pair) => isNode(pair.key) && String(pair.key) === String(inner.at(-1)))?.key : undefined;
    const node = isNode(key) ? key : length === 0 ? document.contents : document.getIn(inner, true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return null;
}

/** Where the documents lie; `slas` is null where the shipped service levels count. */
export type DocumentFiles = { readonly [K in DocumentKind]: string | null };

/** What is in force. */
export type LoadedDocuments = { readonly [K in DocumentKind]: DocumentBodies[K] | null };

export interface WatchedDocuments {
  /** Valid, all of them: what was read last without a problem. */
  readonly current: () => LoadedDocuments;
  /** The texts as they lie there now, for a check of what would be in force next. */
  readonly texts: () => { readonly [K in DocumentKind]: DocumentText | null };
  stop(): void;
}

export interface WatchOptions {
  readonly files: DocumentFiles;
  /** Documents that are valid have taken the place of others. */
  readonly onChange: (before: LoadedDocuments, after: LoadedDocuments) => void;
  /** Documents that do not load: what was in force stays. */
  readonly onProblems: (problems: readonly Problem[]) => void;
  readonly quietMs?: number;
}

/** Reads all and goes on watching them. Throws `ConfigError` with every problem where they do not load to begin with. */
export function watchDocuments({ files, onChange, onProblems, quietMs }: WatchOptions): WatchedDocuments {
  const first = load(files);
  if (first.problems.length > 0)
    throw new ConfigError(
      `routing: the documents do not load:\n${first.problems.map((problem) => `  ${problemText(problem)}`).join('\n')}`,
    );
  let current = first.documents;
  const reload = (): void => {
    const { documents, problems } = load(files);
    if (problems.length > 0) {
      onProblems(problems);
      return;
    }
    const before = current;
    current = documents;
    onChange(before, documents);
  };
  const stops = Object.values(files).flatMap((file) => (file === null ? [] : [watchFile(file, reload, quietMs)]));
  return {
    current: () => current,
    texts: () => ({ scoring: textOf(files.scoring), roster: textOf(files.roster), policy: textOf(files.policy), slas: textOf(files.slas) }),
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

function load(files: DocumentFiles): { readonly documents: LoadedDocuments; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const read = <K extends DocumentKind>(kind: K): DocumentBodies[K] | null => {
    const file = files[kind];
    if (file === null) return null;
    const text = textOf(file);
    if (text === null) {
      problems.push({
        ...{ severity: 'error', file, line: null, path: '' },
        expected: 'a readable file',
        got: 'none',
        remedy: 'put it there',
      });
      return null;
    }
    const { body, problems: own } = readDocument(kind, text);
    problems.push(...own);
    return body;
  };
  const documents = { scoring: read('scoring'), roster: read('roster'), policy: read('policy'), slas: read('slas') };
  return { documents, problems };
}

function textOf(file: string | null): DocumentText | null {
  if (file === null) return null;
  try {
    return { name: basename(file), text: readFileSync(file, 'utf8') };
  } catch {
    return null;
  }
}
