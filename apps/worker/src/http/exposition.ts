/**
 * Prometheus' text format, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/): a family at a time, its HELP and TYPE before its samples.
 * By hand, as it is a page of rules and no library for it is in the house.
 */

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

interface Sample {
  /** Values are any text; names are ours. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricFamily {
  /** `[a-zA-Z_:][a-zA-Z0-9_:]*`; of a counter it ends in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly samples: readonly Sample[];
}

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
/** Names that begin with two underscores are Prometheus' own. */
const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

/** The page of these families. @throws RangeError for a name that the format does not allow, or a family that is there twice. */
export function exposition(families: readonly MetricFamily[]): string {
  const seen = new Set<string>();
  return families
    .map(({ name, help, type, samples }) => {
      if (!METRIC_NAME.test(name)) throw new RangeError(`metric: expected a name of letters, digits, _ and :, got ${JSON.stringify(name)}`);
      if (seen.has(name)) throw new RangeError(`metric ${name}: expected one family of this name, got two`);
      seen.add(name);
      const lines = samples.map(({ labels = {}, value }) => `${name}${labelsText(name, labels)} ${valueText(value)}\n`);
      return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    })
    .join('');
}

function labelsText(metric: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    if (!LABEL_NAME.test(name))
      throw new RangeError(`metric ${metric}: expected a label of letters, digits and _, got ${JSON.stringify(name)}`);
    return `${name}="${escaped(value).replaceAll('"', '\\"')}"`;
  });
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Backslash and line feed, in HELP and in label values alike. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** As Go's ParseFloat reads it. */
function valueText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}
