/** Documents of routing from files, for commands that work on them here: read as the worker reads them, with the line of everything that is wrong. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readRoutingFile } from '@lockstep/api/routing-documents.ts';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';
import { problemText } from './routing-text.ts';

type Kind = Parameters<typeof readRoutingFile>[0];
type Place = Parameters<typeof readRoutingFile>[2];
export type RoutingFile<K extends Kind> = Extract<ReturnType<typeof readRoutingFile<K>>, { readonly value: unknown }>['value'];

/** As it is sent: its name for messages, and its text. Throws `CommandFailure`. */
export function documentText(file: string): { readonly name: string; readonly text: string } {
  try {
    return { name: basename(file), text: readFileSync(file, 'utf8') };
  } catch {
    throw new CommandFailure(EXIT.failed, 'bad_file', `${file}: expected a readable file, got none`);
  }
}

/** Throws `CommandFailure` with every problem. */
export function documentIn<K extends Kind>(kind: K, { name, text }: { readonly name: string; readonly text: string }): RoutingFile<K> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken !== undefined)
    throw new CommandFailure(EXIT.failed, 'bad_file', `${name}:${lines.linePos(broken.pos[0]).line}: ${broken.message.split('\n')[0]}`);
  const locate: NonNullable<Place['locate']> = (path) => {
    const node = document.getIn(path, true);
    return isNode(node) && node.range ? lines.linePos(node.range[0]).line : null;
  };
  return documentOf(kind, document.toJS(), { file: name, locate });
}

/** Of a value that is parsed already. Throws `CommandFailure` with every problem. */
export function documentOf<K extends Kind>(kind: K, value: unknown, place: Place): RoutingFile<K> {
  const read = readRoutingFile(kind, value, place);
  if ('value' in read) return read.value;
  throw new CommandFailure(EXIT.failed, 'bad_file', read.problems.map(problemText).join('\n  '));
}
