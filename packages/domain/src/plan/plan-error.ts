/** A plan that is not taken: what stands at a line is not what a whole, unambiguous plan has there. The only error of this folder. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
  /** Counted from 1. */
  readonly line: number;
  readonly expected: string;
  readonly got: string;

  constructor(file: string, line: number, expected: string, got: string) {
    super(`${file}:${line}: expected ${expected}, got ${got}`);
    this.line = line;
    this.expected = expected;
    this.got = got;
  }
}
