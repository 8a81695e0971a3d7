/** What a rule is: a function over a source that names each breach with the file, the rule and the remedy. */
import { posix } from 'node:path';
import type { Import } from './imports.ts';
import type { House, Source } from './sources.ts';

/** Breaches of one rule in one source, as sentences. */
export type Rule = (source: Source, house: House) => readonly string[];

export const isTest = (path: string): boolean => /\.test(-prop|-long)?\.ts$/.test(path) || path.startsWith('test/');

export function workspaceOf(path: string): string {
  return /^(?:(?:packages|apps)\/[^/]+|test(?=\/))/.exec(path)?.[0] ?? '';
}

/** `@lockstep/domain/backlog/item.ts` → `domain`; null for what is not ours. */
export const ourPackage = (specifier: string): string | null => /^@lockstep\/([^/]+)/.exec(specifier)?.[1] ?? null;

/** `@temporalio/common/lib/x` → `@temporalio/common`. */
export const packageName = (specifier: string): string => /^(@[^/]+\/[^/]+|[^/]+)/.exec(specifier)?.[0] ?? specifier;

export const breach = (source: Source, got: string, rule: string, remedy: string): string =>
  `${source.path}: ${got}. Rule: ${rule} Remedy: ${remedy}`;

/** A test, or a source that only tests import: what serves it may be a dependency for development. */
export function isTestOnly(source: Source, house: House, seen: ReadonlySet<string> = new Set()): boolean {
  if (isTest(source.path) || seen.has(source.path)) return true;
  const importers = importersIn(house).get(source.path) ?? [];
  return importers.length > 0 && importers.every((importer) => isTestOnly(importer, house, new Set([...seen, source.path])));
}

const importersOf = new WeakMap<House, ReadonlyMap<string, readonly Source[]>>();

function importersIn(house: House): ReadonlyMap<string, readonly Source[]> {
  const known = importersOf.get(house);
  if (known !== undefined) return known;
  const made = new Map<string, Source[]>();
  for (const source of house.sources)
    for (const path of new Set(source.imports.map((found) => resolved(source, found))))
      if (path !== source.path) made.set(path, [...(made.get(path) ?? []), source]);
  importersOf.set(house, made);
  return made;
}

/** The path of one of our sources that an import names, by path or by package. */
export function resolved(source: Source, found: Import): string {
  if (found.specifier.startsWith('.')) return posix.join(posix.dirname(source.path), found.specifier);
  const ours = /^@lockstep\/([^/]+)\/(.+)$/.exec(found.specifier);
  if (ours === null) return found.specifier;
  const parent = ['worker', 'cli', 'console', 'launcher', 'simulator'].includes(ours[1] ?? '') ? 'apps' : 'packages';
  return `${parent}/${ours[1]}/src/${ours[2]}`;
}
