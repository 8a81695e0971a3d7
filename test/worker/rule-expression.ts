/**
 * The few forms of PromQL that the alert rules are written in, worked out over two pages of the worker: `metric{label="value"} > 1`, a ratio of two metrics of the
 * same labels, and `rate` and `delta` over a time, between the page before and the page now. Anything else is an error: a rule that cannot be checked is not written.
 */

/** `name{labels}` → value, as the page has them. */
export type Samples = ReadonlyMap<string, number>;

const SELECTOR = String.raw`(\w+)(?:\{([^}]*)\})?`;
const FORM = new RegExp(String.raw`^(?:(rate|delta)\(${SELECTOR}\[(\d+)m\]\)|${SELECTOR}(?: / ${SELECTOR})?) (>|<|==) ([\d.]+)$`);

/** Names of metrics in an expression. */
export function metricsOf(expression: string): readonly string[] {
  const [, , ranged, , , plain, , divisor] = matched(expression);
  return [ranged, plain, divisor].filter((name) => name !== undefined);
}

/** Whether the expression gives any series. What was not on the page before was 0. */
export function fires(expression: string, before: Samples, now: Samples): boolean {
  const [, over, ranged = '', rangedLabels = '', minutes = '1', plain = '', labels = '', divisor, divisorLabels = '', sign, threshold] =
    matched(expression);
  const seconds = over === 'rate' ? Number(minutes) * 60 : 1;
  const values =
    over === undefined
      ? selected(now, plain, labels).map(
          ([key, value]) => value / (divisor === undefined ? 1 : partner(now, key, plain, divisor, divisorLabels)),
        )
      : selected(now, ranged, rangedLabels).map(([key, value]) => (value - (before.get(key) ?? 0)) / seconds);
  return values.some((value) => {
    if (sign === '>') return value > Number(threshold);
    return sign === '<' ? value < Number(threshold) : value === Number(threshold);
  });
}

function matched(expression: string): readonly (string | undefined)[] {
  const match = FORM.exec(expression);
  if (match === null) throw new Error(`rule: expected a form that rule-expression.ts knows, got ${expression}`);
  return match;
}

function selected(samples: Samples, name: string, matchers: string): readonly (readonly [key: string, value: number])[] {
  const conditions = [...matchers.matchAll(/(\w+)(=~|!=|=)"([^"]*)"/g)];
  return [...samples].filter(([key]) => {
    if (key !== name && !key.startsWith(`${name}{`)) return false;
    return conditions.every(([, label = '', operator, wanted = '']) => {
      const value = new RegExp(`[{,]${label}="([^"]*)"`).exec(key)?.[1] ?? '';
      if (operator === '=') return value === wanted;
      return operator === '!=' ? value !== wanted : new RegExp(`^(?:${wanted})$`).test(value);
    });
  });
}

/** Of the divisor, the series with the same labels. */
function partner(samples: Samples, key: string, name: string, divisor: string, matchers: string): number {
  const found = selected(samples, divisor, matchers).find(([other]) => other === divisor + key.slice(name.length));
  return found?.[1] ?? Number.NaN;
}
