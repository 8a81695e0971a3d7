/** `lockstep routing` and `lockstep sla`: the documents of routing, checked before they are in force, and the clocks. */
import { routingJsonSchema } from '@lockstep/api/routing-documents.ts';
import { DOCUMENT_KINDS } from '@lockstep/api/routing-schemas.ts';
import type { RoutingCheckRequest } from '@lockstep/api/routing-schemas.ts';
import { Argument } from 'commander';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { counted } from '../output.ts';
import { documentText } from '../routing-documents.ts';
import { problemText, slaText } from '../routing-text.ts';
import { perform } from '../session.ts';

type Kind = (typeof DOCUMENT_KINDS)[number];

/** Adds the command and those below it. */
export function addRouting(program: Command): void {
  const routing = program
    .command('routing')
    .description('The documents by which leads are routed: scoring, roster, policy and service levels')
    .addHelpText(
      'after',
      '\nExamples:\n  $ lockstep routing check\n  $ lockstep routing check --policy next-policy.yaml\n  $ lockstep routing schema policy',
    );
  const check = routing
    .command('check')
    .description(
      'Tell what is wrong with them before a lead meets it: gaps, overlaps, unreachable rules, uncovered hours; nothing is changed',
    )
    .option('--strict', 'exit 3 for warnings too');
  for (const kind of DOCUMENT_KINDS) check.option(`--${kind} <file>`, `this ${kind} in the place of the one that the worker has`);
  check
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep routing check                                   what lies in the files of the configuration
  $ lockstep routing check --roster roster.yaml --strict     before it is put there; in CI
  $ lockstep routing check --policy next.yaml --json | jq '.problems[] | {file, line, expected}'
  $ lockstep routing check --json | jq '.hours.uncovered[] | {poolId, slaId, hours: (.totalMs / 3600000)}'

An error stops a lead or sends it wrong; a warning sends it to somebody, and a person should look whether that is meant. Exit 3 where there are errors.
Uncovered hours are those of the next four weeks, by roster, holidays and absences, in which a lead would find nobody at work, neither in its pool nor where
its rule goes on to; a night is one. --json has every span.`,
    )
    .action(async (options: Partial<Record<Kind, string>> & { strict?: boolean }, command: Command) =>
      perform(command, async ({ api }) => {
        const given = DOCUMENT_KINDS.flatMap((kind) => (options[kind] === undefined ? [] : [[kind, documentText(options[kind])] as const]));
        const answer = await api().checkRouting(Object.fromEntries(given) as RoutingCheckRequest);
        const errors = answer.problems.filter(({ severity }) => severity === 'error').length;
        const warnings = answer.problems.length - errors;
        const documents = answer.documents.map(({ kind, name, version }) => `${kind} ${version ?? '?'} (${name})`).join(', ');
        const text = [
          ...answer.problems.map(problemText),
          `${documents === '' ? 'No documents' : documents}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}.`,
        ].join('\n');
        return { json: answer, text, exitCode: errors > 0 || (options.strict === true && warnings > 0) ? EXIT.notInStep : EXIT.ok };
      }),
    );
  addSchema(routing);
  addSla(program);
}

function addSchema(routing: Command): void {
  routing
    .command('schema')
    .description('The JSON Schema of a document, for editors and for CI; needs no worker')
    .addArgument(new Argument('<document>', 'which one').choices(DOCUMENT_KINDS))
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep routing schema roster > roster.schema.json
  and as the first line of roster.yaml: # yaml-language-server: $schema=roster.schema.json

What one field asks of another is not in a schema: \`lockstep routing check\` tells it.`,
    )
    .action(async (kind: Kind, _options: unknown, command: Command) =>
      perform(command, async () => {
        const schema = routingJsonSchema(kind);
        return { json: schema, text: JSON.stringify(schema, null, 2) };
      }),
    );
}

function addSla(program: Command): void {
  program
    .command('sla')
    .description('Show the clocks: open, at risk, breached, uncovered')
    .option('--check', 'exit 3 where an open clock is at risk, breached or uncovered')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep sla
  $ lockstep sla --check || page-somebody        in scripts
  $ lockstep sla --json | jq '.clocks[] | select(.standing != "on-time") | {leadId, ownerId, deadline}'

Two figures for every clock: what its service level counts, and the wall's. Time that nobody covered is told as such: it is neither met nor breached.`,
    )
    .action(async (options: { check?: boolean }, command: Command) =>
      perform(command, async ({ api }) => {
        const report = await api().slaReport();
        const isUrgent = report.clocks.some(({ standing }) => standing !== 'on-time');
        return { json: report, text: slaText(report), exitCode: options.check === true && isUrgent ? EXIT.notInStep : EXIT.ok };
      }),
    );
}
