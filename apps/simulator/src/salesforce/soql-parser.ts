/** SOQL as it is used by integrations: what of it is understood stands in DIFFERENCES.md; the rest is refused as MALFORMED_QUERY. */
import { malformed, unquoted, wordsOf } from './soql-words.ts';
import type { Word } from './soql-words.ts';

export interface Path {
  /** `Account.Owner.Name`, as it was written. */
  readonly text: string;
  readonly at: number;
}

export type Selected =
  | { readonly kind: 'field'; readonly path: Path }
  | { readonly kind: 'fields'; readonly which: string; readonly at: number }
  | { readonly kind: 'aggregate'; readonly function: string; readonly path: Path | null; readonly alias: string | null }
  | { readonly kind: 'children'; readonly query: Query };

export type Literal =
  | { readonly kind: 'text'; readonly text: string; readonly pattern: string }
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'date' | 'datetime' | 'relative'; readonly text: string }
  | { readonly kind: 'boolean'; readonly boolean: boolean }
  | { readonly kind: 'null' };

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'compare'; readonly path: Path; readonly operator: string; readonly values: readonly Literal[] }
  | { readonly kind: 'within'; readonly path: Path; readonly isNegated: boolean; readonly query: Query };

export interface Order {
  readonly by: Extract<Selected, { kind: 'field' | 'aggregate' }>;
  readonly isDescending: boolean;
  readonly isNullsLast: boolean;
}

export interface Query {
  readonly soql: string;
  readonly select: readonly Selected[];
  readonly from: Path;
  readonly alias: string | null;
  readonly where: Condition | null;
  readonly groupBy: readonly Path[];
  readonly orderBy: readonly Order[];
  readonly limit: number | null;
  readonly offset: number;
  readonly isAllRows: boolean;
}

const AGGREGATES = new Set(['COUNT', 'COUNT_DISTINCT', 'MIN', 'MAX', 'SUM', 'AVG']);
const CLAUSES = new Set(['WHERE', 'GROUP', 'ORDER', 'LIMIT', 'OFFSET', 'FOR', 'ALL', 'WITH', 'USING', 'HAVING', 'FROM', 'AND', 'OR']);
const LIST_OPERATORS = new Set(['IN', 'NOT IN', 'INCLUDES', 'EXCLUDES']);
const RELATIVE =
  /^(?:TODAY|YESTERDAY|TOMORROW|(?:LAST|THIS|NEXT)_(?:WEEK|MONTH|YEAR)|(?:LAST|NEXT)_90_DAYS|(?:LAST|NEXT)_N_DAYS:\d+|N_DAYS_AGO:\d+)$/i;

export function parsedQuery(soql: string): Query {
  const parser = new Parser(soql);
  const query = parser.query();
  parser.end();
  return query;
}

class Parser {
  private readonly soql: string;
  private readonly words: readonly Word[];
  private index = 0;

  constructor(soql: string) {
    this.soql = soql;
    this.words = wordsOf(soql);
  }

  query(): Query {
    this.expect('SELECT');
    const select = this.listOf(() => this.selected());
    this.expect('FROM');
    const from = this.path();
    const alias = this.alias();
    const where = this.takes('WHERE') ? this.anyOf() : null;
    const groupBy = this.takes('GROUP', 'BY') ? this.listOf(() => this.path()) : [];
    const orderBy = this.takes('ORDER', 'BY') ? this.listOf(() => this.order()) : [];
    const limit = this.takes('LIMIT') ? this.count() : null;
    const offset = this.takes('OFFSET') ? this.count() : 0;
    if (this.takes('FOR') && !this.takes('VIEW') && !this.takes('REFERENCE')) this.expect('UPDATE');
    const isAllRows = this.takes('ALL', 'ROWS');
    return { soql: this.soql, select, from, alias, where, groupBy, orderBy, limit, offset, isAllRows };
  }

  end(): void {
    if (this.word().kind !== 'end') throw this.unexpected();
  }

  private selected(): Selected {
    if (this.takesMark('(')) {
      const query = this.query();
      this.expectMark(')');
      return { kind: 'children', query };
    }
    const { text, at } = this.word();
    if (this.peekMark('(') && text.toUpperCase() === 'FIELDS') {
      this.index += 2;
      const which = this.path().text.toUpperCase();
      this.expectMark(')');
      return { kind: 'fields', which, at };
    }
    return this.fieldOrAggregate(true);
  }

  private fieldOrAggregate(withAlias: boolean): Extract<Selected, { kind: 'field' | 'aggregate' }> {
    const name = this.word().text.toUpperCase();
    if (!this.peekMark('(') || !AGGREGATES.has(name)) return { kind: 'field', path: this.path() };
    this.index += 2;
    const path = this.word().text === ')' ? null : this.path();
    this.expectMark(')');
    return { kind: 'aggregate', function: name, path, alias: withAlias ? this.alias() : null };
  }

  private alias(): string | null {
    const { kind, text } = this.word();
    if (kind !== 'name' || text.includes('.') || CLAUSES.has(text.toUpperCase())) return null;
    this.index += 1;
    return text;
  }

  private anyOf(): Condition {
    const parts = [this.allOf()];
    while (this.takes('OR')) parts.push(this.allOf());
    return parts.length === 1 ? (parts[0] as Condition) : { kind: 'or', parts };
  }

  private allOf(): Condition {
    const parts = [this.condition()];
    while (this.takes('AND')) parts.push(this.condition());
    return parts.length === 1 ? (parts[0] as Condition) : { kind: 'and', parts };
  }

  private condition(): Condition {
    if (this.takes('NOT')) return { kind: 'not', part: this.condition() };
    if (this.takesMark('(')) {
      const inner = this.anyOf();
      this.expectMark(')');
      return inner;
    }
    const path = this.path();
    const operator = this.operator();
    if (!LIST_OPERATORS.has(operator)) return { kind: 'compare', path, operator, values: [this.literal()] };
    this.expectMark('(');
    if (this.word().text.toUpperCase() === 'SELECT') {
      const query = this.query();
      this.expectMark(')');
      return { kind: 'within', path, isNegated: operator === 'NOT IN', query };
    }
    const values = this.listOf(() => this.literal());
    this.expectMark(')');
    return { kind: 'compare', path, operator, values };
  }

  private operator(): string {
    const { kind, text } = this.word();
    if (kind === 'mark' && !['(', ')', ','].includes(text)) {
      this.index += 1;
      return text === '<>' ? '!=' : text;
    }
    for (const operator of ['LIKE', 'IN', 'INCLUDES', 'EXCLUDES']) if (this.takes(operator)) return operator;
    if (this.takes('NOT', 'IN')) return 'NOT IN';
    throw this.unexpected();
  }

  private literal(): Literal {
    const word = this.word();
    this.index += 1;
    switch (word.kind) {
      case 'text':
        return { kind: 'text', text: unquoted(word.text), pattern: unquoted(word.text, true) };
      case 'number':
        return { kind: 'number', number: Number(word.text) };
      case 'date':
      case 'datetime':
        return { kind: word.kind, text: word.text };
      case 'name': {
        const name = word.text.toUpperCase();
        if (name === 'NULL') return { kind: 'null' };
        if (name === 'TRUE' || name === 'FALSE') return { kind: 'boolean', boolean: name === 'TRUE' };
        if (RELATIVE.test(name)) return { kind: 'relative', text: name };
        break;
      }
      default:
    }
    this.index -= 1;
    throw this.unexpected();
  }

  private order(): Order {
    const by = this.fieldOrAggregate(false);
    const isDescending = this.takes('DESC');
    if (!isDescending) this.takes('ASC');
    const isNullsLast = this.takes('NULLS') && this.lastly();
    return { by, isDescending, isNullsLast };
  }

  private lastly(): boolean {
    if (this.takes('LAST')) return true;
    this.expect('FIRST');
    return false;
  }

  private count(): number {
    const { kind, text } = this.word();
    if (kind !== 'number' || !/^\d+$/.test(text)) throw this.unexpected();
    this.index += 1;
    return Number(text);
  }

  private path(): Path {
    const { kind, text, at } = this.word();
    // A word of SOQL is a name too where a name is expected: `FROM Group`.
    if (kind !== 'name' || text.includes(':')) throw this.unexpected();
    this.index += 1;
    return { text, at };
  }

  private listOf<T>(one: () => T): readonly T[] {
    const found = [one()];
    while (this.takesMark(',')) found.push(one());
    return found;
  }

  private word(): Word {
    return this.words[this.index] as Word;
  }

  private takes(...names: readonly string[]): boolean {
    const isHere = names.every((name, offset) => {
      const word = this.words[this.index + offset];
      return word?.kind === 'name' && word.text.toUpperCase() === name;
    });
    if (isHere) this.index += names.length;
    return isHere;
  }

  private takesMark(mark: string): boolean {
    const isHere = this.word().kind === 'mark' && this.word().text === mark;
    if (isHere) this.index += 1;
    return isHere;
  }

  private peekMark(mark: string): boolean {
    const next = this.words[this.index + 1];
    return next?.kind === 'mark' && next.text === mark;
  }

  private expect(name: string): void {
    if (!this.takes(name)) throw this.unexpected();
  }

  private expectMark(mark: string): void {
    if (!this.takesMark(mark)) throw this.unexpected();
  }

  private unexpected(): Error {
    const { text, at } = this.word();
    return malformed(this.soql, at, `unexpected token: '${text.slice(0, 40)}'`);
  }
}
