/** The repository as the border tests see it: every TypeScript source with its imports, and every workspace with what it declares. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importsOf } from './imports.ts';
import type { Import } from './imports.ts';

export interface Source {
  /** From the root, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

/** A package, an application or test/, by its folder (`packages/domain`); `''` is the root, whose tools every test may use. */
export interface Workspace {
  readonly folder: string;
  readonly name: string;
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
}

export interface House {
  readonly sources: readonly Source[];
  readonly workspaces: readonly Workspace[];
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SKIPPED = new Set(['node_modules', '.git', '.turbo', '.lockstep', 'histories']);

/** Reads the repository from disk, files that git does not know yet included. */
export function readHouse(): House {
  const sources = ['packages', 'apps', 'test'].flatMap((folder) => [...filesUnder(folder)]);
  return { sources: sources.map((path) => sourceOf(path, readFileSync(join(ROOT, path), 'utf8'))), workspaces: readWorkspaces() };
}

export function sourceOf(path: string, text: string): Source {
  return { path, text, imports: importsOf(text) };
}

/** Every file and folder under these, for the rules about names. */
export function pathsUnder(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? [path, ...pathsUnder(path)] : [path];
  });
}

function filesUnder(folder: string): readonly string[] {
  return pathsUnder(folder).filter((path) => path.endsWith('.ts'));
}

function readWorkspaces(): readonly Workspace[] {
  const folders = ['packages', 'apps'].flatMap((parent) => readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`));
  return ['', 'test', ...folders].map((folder) => {
    const declared = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as {
      name: string;
      dependencies?: Record<string, string>;
      devDependencies?: Record<string, string>;
    };
    return {
      folder,
      name: declared.name,
      dependencies: new Set(Object.keys(declared.dependencies ?? {})),
      devDependencies: new Set(Object.keys(declared.devDependencies ?? {})),
    };
  });
}
