/** Who may import what: the table of borders between workspaces, and what follows from it. */
import { join } from 'node:path/posix';
import type { Import } from './imports.ts';
import { breach, isTestOnly, ourPackage, packageName, resolved, workspaceOf } from './rule.ts';
import type { Rule } from './rule.ts';
import type { House, Source, Workspace } from './sources.ts';

interface Border {
  /** Our own packages that it may import. */
  readonly ours: readonly string[];
  /** Our own packages of which it may import types. */
  readonly types?: readonly string[];
  readonly node: boolean;
  readonly temporal: readonly string[] | 'all';
}

const closed = { node: false, temporal: [] } as const;

/** Rows: who imports. A workspace without a row may not exist. */
const BORDERS: Readonly<Record<string, Border>> = {
  'packages/domain': { ours: [], ...closed },
  'packages/engine': { ours: ['domain'], ...closed },
  'packages/workflows': { ours: ['domain'], types: ['engine'], node: false, temporal: ['@temporalio/workflow', '@temporalio/common'] },
  'packages/connectors': { ours: ['domain'], node: true, temporal: [] },
  'packages/store': { ours: ['domain'], node: true, temporal: [] },
  'packages/api': { ours: ['domain'], ...closed },
  'packages/local-services': { ours: [], node: true, temporal: [] },
  'apps/worker': { ours: ['domain', 'engine', 'workflows', 'connectors', 'store', 'api'], node: true, temporal: 'all' },
  'apps/cli': { ours: ['api'], node: true, temporal: [] },
  'apps/console': { ours: ['api'], ...closed },
  'apps/launcher': { ours: ['domain', 'api', 'local-services'], node: true, temporal: [] },
  'apps/simulator': { ours: [], node: true, temporal: [] },
};

/** The table of borders between workspaces. Tests may use what their workspace declares for development, and node:*. */
export const borders: Rule = (source, house) => {
  const folder = workspaceOf(source.path);
  // test/ is what crosses workspaces.
  if (folder === 'test') return [];
  const border = BORDERS[folder];
  if (border === undefined)
    return [
      breach(
        source,
        `${folder} has no row in the table of borders`,
        'every workspace declares what it may import.',
        'add a row to BORDERS in test/layers/rules.ts.',
      ),
    ];
  const developed = isTestOnly(source, house)
    ? (house.workspaces.find((workspace) => workspace.folder === folder)?.devDependencies ?? new Set())
    : new Set();
  return source.imports
    .filter((found) => !developed.has(packageName(found.specifier)) && !crosses(border, found, source, house))
    .map((found) =>
      breach(
        source,
        `imports ${found.specifier}`,
        `${folder} imports ${allowed(border)}.`,
        'move the code to the side that may know it, or declare a port in packages/domain and let apps/worker wire it.',
      ),
    );
};

function crosses(border: Border, found: Import, source: Source, house: House): boolean {
  const { specifier, isType } = found;
  const ours = ourPackage(specifier);
  if (ours !== null) return border.ours.includes(ours) || (isType && border.types?.includes(ours) === true);
  if (specifier.startsWith('node:')) return border.node || isTestOnly(source, house);
  if (specifier.startsWith('@temporalio/')) return border.temporal === 'all' || border.temporal.includes(packageName(specifier));
  return true;
}

function allowed(border: Border): string {
  const parts = [
    ...border.ours,
    ...(border.types ?? []).map((name) => `types of ${name}`),
    ...(border.node ? ['node:*'] : []),
    ...(border.temporal === 'all' ? ['@temporalio/*'] : border.temporal),
  ];
  return parts.length === 0 ? 'nothing of ours, no node:* and no @temporalio' : `of these only: ${parts.join(', ')}`;
}

/** A path import stays in its workspace: across, packages are named, so that the border is seen. */
export const paths: Rule = (source) =>
  source.imports
    .filter(({ specifier }) => specifier.startsWith('.'))
    .filter((found) => !['', workspaceOf(source.path)].includes(workspaceOf(resolved(source, found))))
    .map(({ specifier }) =>
      breach(
        source,
        `imports ${specifier}`,
        'nobody reaches into another workspace by path.',
        "import it by the package's name, @lockstep/<name>/<file>.ts.",
      ),
    );

/** Vendors' folders never import each other: what they share lies in http/ or beside it. */
export const vendors: Rule = (source) => {
  const vendorOf = (path: string): string | null => /^packages\/connectors\/src\/([^/]+)\//.exec(path)?.[1] ?? null;
  const mine = vendorOf(source.path);
  if (mine === null) return [];
  return source.imports.flatMap((found) => {
    const theirs = vendorOf(resolved(source, found));
    return theirs === null || theirs === mine || (theirs === 'http' && mine !== 'http')
      ? []
      : [
          breach(
            source,
            `imports ${found.specifier}`,
            'a connector never imports another connector.',
            'put what both need into packages/connectors/src/http.',
          ),
        ];
  });
};

/** Every import is declared by the workspace itself; what is for development only serves tests only. */
export const dependencies: Rule = (source, house) => {
  const workspace = house.workspaces.find(({ folder }) => folder === workspaceOf(source.path));
  if (workspace === undefined) return [];
  return source.imports.flatMap(({ specifier, isType }) => {
    if (specifier.startsWith('.') || specifier.startsWith('node:')) return [];
    const name = packageName(specifier);
    if (name === workspace.name || isDeclared({ name, isType, source, workspace, house })) return [];
    return [
      breach(
        source,
        `imports ${specifier}`,
        'a workspace declares what it imports in its own package.json.',
        `add ${name}${isType ? ` (or @types/${name})` : ''} to ${join(workspace.folder, 'package.json')} (devDependencies, if tests only use it).`,
      ),
    ];
  });
};

function isDeclared(asked: { name: string; isType: boolean; source: Source; workspace: Workspace; house: House }): boolean {
  const { name, isType, source, workspace, house } = asked;
  const types = `@types/${name.replace(/^@/, '').replace('/', '__')}`;
  if (workspace.dependencies.has(name)) return true;
  if (isType && (workspace.dependencies.has(types) || workspace.devDependencies.has(types))) return true;
  if (!isTestOnly(source, house)) return false;
  const root = house.workspaces.find(({ folder }) => folder === '');
  return workspace.devDependencies.has(name) || root?.devDependencies.has(name) === true;
}
