/** Sources as the formatter writes them: statements begin at the start of a line, strings are in single quotes unless they hold one. */

export interface Import {
  /** As written: `./merge.ts`, `@lockstep/domain/backlog/item.ts`, `node:fs`. */
  readonly specifier: string;
  /** Erased before the code runs: nothing of it is loaded. */
  readonly isType: boolean;
  /** `export * from`. */
  readonly isStar: boolean;
}

const STATEMENT = /^(import|export)\b([^;'"]*)\bfrom '([^']+)'/gm;
const EFFECT = /^import '([^']+)'/gm;
const DYNAMIC = /(\btypeof\s+)?\bimport\('([^']+)'\)/g;

/** Every static and dynamic import and re-export of a source. */
export function importsOf(text: string): readonly Import[] {
  const code = codeOf(text);
  return [
    ...[...code.matchAll(STATEMENT)].map(([, , clause = '', specifier = '']) => ({
      specifier,
      isType: isTypeClause(clause.trim()),
      isStar: /^(type\s+)?\*(?!\s+as\b)/.test(clause.trim()),
    })),
    ...[...code.matchAll(EFFECT)].map(([, specifier = '']) => ({ specifier, isType: false, isStar: false })),
    ...[...code.matchAll(DYNAMIC)].map(([, typeOf, specifier = '']) => ({ specifier, isType: typeOf !== undefined, isStar: false })),
  ];
}

/** A source without its comments and without strings in double quotes, none of which can name a module. */
export function codeOf(text: string): string {
  return text.replaceAll(/^\s*(\/\*[\s\S]*?\*\/|\/\/.*)$/gm, '').replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""');
}

/** The same without any string of one line. */
export function codeWithoutStrings(text: string): string {
  return codeOf(text).replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''");
}

function isTypeClause(clause: string): boolean {
  if (/^type\b/.test(clause)) return true;
  const named = /^\{([\s\S]*)\}$/.exec(clause)?.[1];
  if (named === undefined) return false;
  const names = named.split(',').filter((name) => name.trim() !== '');
  return names.length > 0 && names.every((name) => /^\s*type\s/.test(name));
}
