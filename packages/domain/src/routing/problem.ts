/** What is wrong with something that came from outside: what, where, expected, got, and what to do. */

export interface Problem {
  /** `error`: it is not taken. `warning`: it is taken, and somebody should look. */
  readonly severity: 'error' | 'warning';
  /** A file, or what stands for it (`batch`); null where the caller knows. */
  readonly file: string | null;
  /** Counted from 1; null where it has none. */
  readonly line: number | null;
  /** Inside of it: `rules[2].way.sla`; '' for the whole. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
  /** What to do. */
  readonly remedy: string;
}

/** Steps into a document. */
export type Path = readonly (string | number)[];

/** `rules[2].way.sla`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`), '');
}

/** One line for a person: `policy.yaml:14: rules[2].way.sla: expected …, got …; …`. */
export function problemText({ severity, file, line, path, expected, got, remedy }: Problem): string {
  const place = [file === null ? null : line === null ? file : `${file}:${line}`, path === '' ? null : path].filter(
    (part) => part !== null,
  );
  const head = place.length === 0 ? '' : `${place.join(': ')}: `;
  return `${head}${severity === 'warning' ? 'warning: ' : ''}expected ${expected}, got ${got}; ${remedy}`;
}

/** What a schema library reports, as far as it is used here; zod's issues have this shape. */
export interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** A schema's issues about `value`. `locate` finds the line of a path, where the caller has the text. */
export function schemaProblems(
  issues: readonly SchemaIssue[],
  value: unknown,
  { file = null, remedy, locate = () => null }: { readonly file?: string | null; readonly remedy: string; readonly locate?: Locate },
): readonly Problem[] {
  return issues.map(({ path, message }) => {
    const steps = path.map((step) => (typeof step === 'number' ? step : String(step)));
    const [, keys = null] = /^Unrecognized keys?: (.*)$/.exec(message) ?? [];
    const got = keys ?? shown(steps.reduce<unknown>((inside, step) => childOf(inside, step), value));
    const expected = keys === null ? wanted(message) : 'only keys that are known';
    return { severity: 'error', file, line: locate(steps), path: pathText(steps), expected, got, remedy };
  });
}

/** zod's own messages read `Invalid input: expected string, received number`; ours `expected a text`. */
function wanted(message: string): string {
  return /^(?:[A-Z][A-Za-z ]*: )?expected (.+?)(?:, received .*)?$/s.exec(message)?.[1] ?? message;
}

/** The line of a path in a document's text, counted from 1; null where it is not known. */
export type Locate = (path: Path) => number | null;

/** A value in a message: short, and never a whole payload. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? `a list of ${value.length}` : 'an object';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}

function childOf(value: unknown, step: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  return (value as Readonly<Record<string | number, unknown>>)[step];
}
