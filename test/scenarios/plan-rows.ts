/** The rows of a small plan as a person with an editor sees them. The columns are those of `SMALL_PLAN`'s table of tasks. */
import type { HandField } from './hands.ts';

const TITLE_COLUMN = 2;
const COLUMN = { owner: 3, metric: 6 } as const;

export interface PlanRows {
  /** A cell of the row with this title, or '' where there is no such row. */
  cell(text: string, title: string, field: HandField): string;
  /** The text with that cell replaced; unchanged where there is no such row. */
  withCell(text: string, title: string, field: HandField, value: string): string;
}

export function createPlanReader(): PlanRows {
  const cells = (line: string): string[] => line.split('|');
  const isRow = (line: string, title: string): boolean => line.startsWith('|') && cells(line)[TITLE_COLUMN]?.trim() === title;
  return {
    cell(text, title, field) {
      const line = text.split('\n').find((candidate) => isRow(candidate, title));
      return line === undefined ? '' : (cells(line)[COLUMN[field]] ?? '').trim();
    },
    withCell: (text, title, field, value) =>
      text
        .split('\n')
        .map((line) => (isRow(line, title) ? cells(line).with(COLUMN[field], ` ${value} `).join('|') : line))
        .join('\n'),
  };
}
