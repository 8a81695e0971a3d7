/** The table of figures. */

export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the figure is held against: the least number of calls, or what the bare loop reached in the same run; null where there is none. */
  readonly floor: number | null;
  readonly ratio: number | null;
  /** What sync.md asks for, in words; null where it asks for nothing. */
  readonly goal: string | null;
  /** Whether the figure meets the goal, and nothing else; null where there is no goal. */
  readonly ok: boolean | null;
}

/** A goal, as sync.md words it. */
export interface Goal {
  readonly text: string;
  readonly meets: (figure: { readonly value: number; readonly ratio: number | null }) => boolean;
}

export const atMost = (most: number, unit: string): Goal => ({ text: `≤ ${most} ${unit}`.trim(), meets: ({ value }) => value <= most });
export const atMostTimesFloor = (most: number): Goal => ({
  text: `≤ ${most.toFixed(2)} × floor`,
  meets: ({ ratio }) => ratio !== null && ratio <= most,
});
export const atLeastTimesFloor = (least: number): Goal => ({
  text: `≥ ${least} × bare loop`,
  meets: ({ ratio }) => ratio !== null && ratio >= least,
});

export function row(name: string, value: number, unit: string, rest: { readonly floor?: number; readonly goal?: Goal } = {}): Row {
  const floor = rest.floor ?? null;
  const ratio = floor === null || floor === 0 ? null : value / floor;
  return {
    name,
    value: rounded(value),
    unit,
    floor: floor === null ? null : rounded(floor),
    ratio: ratio === null ? null : rounded(ratio),
    goal: rest.goal?.text ?? null,
    ok: rest.goal === undefined ? null : rest.goal.meets({ value, ratio }),
  };
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

/** The table as text, columns aligned. */
export function renderRows(rows: readonly Row[]): string {
  const cells = [
    ['figure', 'value', 'unit', 'floor', 'ratio', 'goal', ''],
    ...rows.map(({ name, value, unit, floor, ratio, goal, ok }) => [
      name,
      String(value),
      unit,
      floor === null ? '' : String(floor),
      ratio === null ? '' : ratio.toFixed(2),
      goal ?? '',
      ok === null ? '' : ok ? 'ok' : 'MISSED',
    ]),
  ];
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const isNumber = (column: number): boolean => [1, 3, 4].includes(column);
  return cells
    .map((line) =>
      line.map((cell, column) => (isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}
