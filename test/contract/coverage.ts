/** How much of what our connectors send is held against a contract, and what is not. */
import type { Checker } from './contract.ts';
import type { Exchange } from './recorder.ts';

export interface Coverage {
  readonly requests: number;
  readonly covered: number;
  /** Operations of the contract that were called, by name. */
  readonly operations: readonly string[];
  /** Those whose bodies the contract has by the names of members only. */
  readonly namesOnly: readonly string[];
  /** Requests that no contract describes, by method and path. */
  readonly uncovered: readonly string[];
}

export function coverageOf(checker: Checker, exchanges: readonly Exchange[]): Coverage {
  const found = exchanges.map((exchange) => ({ exchange, operation: checker.operationOf(exchange.method, exchange.path) }));
  const covered = found.filter(({ operation }) => operation !== null);
  const names = (texts: readonly string[]): readonly string[] => [...new Set(texts)].toSorted();
  return {
    requests: exchanges.length,
    covered: covered.length,
    operations: names(covered.map(({ operation }) => operation?.name ?? '')),
    namesOnly: names(covered.flatMap(({ operation }) => (operation?.body?.isNamesOnly === true ? [operation.name] : []))),
    uncovered: names(found.filter(({ operation }) => operation === null).map(({ exchange }) => `${exchange.method} ${exchange.path}`)),
  };
}

/** `97.4 %`. */
function percent(part: number, whole: number): string {
  return `${(whole === 0 ? 0 : Math.floor((part * 1_000) / whole) / 10).toFixed(1)} %`;
}

/** Lines for the run's output. */
export function reported(vendor: string, { requests, covered, operations, namesOnly, uncovered }: Coverage): string {
  const share = `${vendor}: ${covered} of ${requests} requests of our connector have a contract (${percent(covered, requests)}), ${operations.length} operations`;
  const partly = namesOnly.map((name) => `${vendor}: covered by the names of members only: ${name}`);
  const lines = [share, ...partly, ...uncovered.map((name) => `${vendor}: not covered: ${name}`)];
  return lines.map((line) => `contract: ${line}\n`).join('');
}

/** The vendor's row in docs/specs/contracts.md. */
export function documented(vendor: string, { operations, namesOnly, uncovered }: Coverage): string {
  const listed = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.map((name) => `\`${name}\``).join(', '));
  return `| ${vendor} | ${operations.length} of ${operations.length + uncovered.length} | ${listed(namesOnly)} | ${listed(uncovered)} |`;
}
