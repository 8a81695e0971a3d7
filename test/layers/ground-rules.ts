/** Rules within a workspace that the linter does not settle: purity, the environment, names, length, exports, tests. */
import { posix } from 'node:path';
import { codeOf, codeWithoutStrings } from './imports.ts';
import { breach, isTest, isTestOnly } from './rule.ts';
import type { Rule } from './rule.ts';

/** domain is pure; its few dependencies have their places. */
export const purity: Rule = (source, house) => {
  if (!source.path.startsWith('packages/domain/src/') || isTestOnly(source, house)) return [];
  const misplaced = source.imports.flatMap(({ specifier }) => {
    const place = DOMAIN_DEPENDENCIES.find(({ names }) => names.test(specifier))?.place;
    return place === undefined || place.test(source.path)
      ? []
      : [
          breach(
            source,
            `imports ${specifier}`,
            `in domain, this belongs to ${place.source} only.`,
            'take the parsed value as an argument instead.',
          ),
        ];
  });
  return [
    ...misplaced,
    ...impurities(source.text).map((name) =>
      breach(
        source,
        `uses ${name}`,
        'domain has no clock, no randomness and no input or output.',
        'take the value as an argument (now, random, text).',
      ),
    ),
  ];
};

const DOMAIN_DEPENDENCIES = [
  { names: /^zod$/, place: /\.schema\.ts$/ },
  { names: /^(mdast|micromark|unist)/, place: /^packages\/domain\/src\/plan\// },
  // The zone data come in at one place.
  { names: /^temporal-polyfill/, place: /^packages\/domain\/src\/routing\/zone\.ts$/ },
];

const IMPURE =
  /\b(Date\.now|Math\.random|performance\.now|setTimeout|setInterval|process\.\w+|crypto\.\w+|globalThis)\b|\bnew Date\(\)|(?<=await |return |=> |= |\()fetch\(/g;

/** Uses of clock, randomness, environment and network outside comments. */
function impurities(text: string): readonly string[] {
  return [...codeOf(text).matchAll(IMPURE)].map(([found]) => found);
}

/** The engine gets the time as an argument: it runs in a test without a clock. */
export const enginePurity: Rule = (source, house) =>
  !source.path.startsWith('packages/engine/src/') || isTestOnly(source, house)
    ? []
    : impurities(source.text).map((name) =>
        breach(
          source,
          `uses ${name}`,
          'the engine has no clock, no randomness and no input or output of its own.',
          'use a port of its workspace (clock, ids).',
        ),
      );

/** What a workflow loads is deterministic and small: no zod, and of the engine types only (see borders). */
export const workflowImports: Rule = (source, house) =>
  !source.path.startsWith('packages/workflows/src/') || isTestOnly(source, house)
    ? []
    : source.imports
        .filter(({ specifier, isType }) => !isType && (specifier === 'zod' || specifier.endsWith('.schema.ts')))
        .map(({ specifier }) =>
          breach(
            source,
            `imports ${specifier}`,
            'zod stays out of the workflow bundle: it costs two thirds of cold start and 260 MB a worker.',
            'import the type only, and validate in the worker.',
          ),
        );

/** Only config.ts reads the environment in the worker; packages are told what they need. */
export const environment: Rule = (source, house) => {
  const isBound = /^(apps\/worker\/src\/|packages\/(domain|engine|workflows|connectors|store|api)\/src\/)/.test(source.path);
  if (!isBound || source.path === 'apps/worker/src/config.ts' || isTestOnly(source, house)) return [];
  return /\bprocess\s*\.\s*env\b|\bprocess\[['"]env|\{[^}]*\benv\b[^}]*\} from 'node:process'/.test(codeOf(source.text))
    ? [breach(source, 'reads process.env', 'only apps/worker/src/config.ts reads the environment.', 'read it there and pass the value on.')]
    : [];
};

/** Files and folders are nouns in kebab-case; none is named after nothing. */
export function badNames(names: readonly string[]): readonly string[] {
  return names.flatMap((path) => {
    const base = posix.basename(path);
    const stem = base.replace(/\.[\w.-]+$/, '');
    const vague = stem.split('-').find((word) => VAGUE.has(word));
    if (vague !== undefined)
      return [
        `${path}: is named "${vague}". Rule: no utils, helpers, common, core, manager, service. Remedy: name it after what it holds.`,
      ];
    return /\.(ts|mjs)$/.test(base) &&
      !/^[a-z0-9]+(-[a-z0-9]+)*(\.(schema|port|fixture|table))?(\.(test|test-prop|test-long))?\.(ts|mjs)$/.test(base)
      ? [`${path}: is not kebab-case. Rule: files are nouns in kebab-case. Remedy: rename it (merge-order.ts, merge-order.test.ts).`]
      : [];
  });
}

const VAGUE = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'core', 'manager', 'service']);

/** Files that a reader can hold in mind. */
export const length: Rule = (source) => {
  const most = /^packages\/workflows\/src\/.*workflow\.ts$/.test(source.path) ? 200 : 300;
  const lines = source.text.trimEnd().split('\n').length;
  return lines <= most ? [] : [breach(source, `has ${lines} lines`, `at most ${most}.`, 'split it by subject.')];
};

/** Exports have names, and every name is exported on purpose. */
export const exported: Rule = (source) => [
  ...source.imports
    .filter(({ isStar }) => isStar)
    .map(({ specifier }) => breach(source, `exports * from ${specifier}`, 'no `export *`.', 'name what is exported.')),
  ...(/^export default\b/m.test(source.text) && source.path !== 'vitest.config.ts'
    ? [breach(source, 'has a default export', 'no default exports.', 'export it by name.')]
    : []),
];

/**
 * Tests do not sleep, do not skip, and only the contract suite reads what lies beside the repository. That suite may skip where those files are not
 * (a clone by somebody else), in so many words.
 */
export const testing: Rule = (source) => {
  const found: string[] = [];
  if (!source.path.startsWith('test/contract/') && /\.\.\/shared\//.test(codeOf(source.text)))
    found.push(
      breach(
        source,
        'reads ../shared',
        'only test/contract reads what lies beside the repository.',
        'move the test there, or ship an example of our own.',
      ),
    );
  if (!isTest(source.path)) return found;
  const code = codeWithoutStrings(source.text);
  if (/\bsetTimeout\(/.test(code) || source.imports.some(({ specifier }) => specifier === 'node:timers/promises'))
    // A bench measures time, and this program waits for processes that it has not started: nobody shakes hands with either.
    if (!/^test\/(bench\/|crashes\/started\.ts$)/.test(source.path))
      found.push(breach(source, 'sleeps', 'tests do not sleep.', 'inject a clock, wait for a handshake, or poll with expect.poll.'));
  const kept = source.path.startsWith('test/contract/') ? 'skip|only|todo|fails' : 'skip|only|todo|fails|skipIf|runIf';
  if (new RegExp(`\\b(test|it|describe)\\.(${kept})\\b`).test(code))
    found.push(breach(source, 'skips tests or runs only some', 'a test runs or is not there.', 'mend it or delete it.'));
  return found;
};
