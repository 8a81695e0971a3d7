/**
 * The part of JQL that integrations use: conditions on fields with AND, OR, NOT, parentheses and ORDER BY. What it does not know is refused with
 * Jira's own words, never ignored. Times have the precision of a minute and are in the user's zone.
 */
import { badRequest } from './errors.ts';

export interface Condition {
  readonly kind: 'condition';
  readonly field: string;
  readonly operator: string;
  readonly values: readonly string[];
}
export type Clause =
  | Condition
  | { readonly kind: 'and' | 'or'; readonly clauses: readonly Clause[] }
  | { readonly kind: 'not'; readonly clause: Clause };

export interface Query {
  readonly where: Clause | null;
  readonly order: readonly { readonly field: string; readonly descending: boolean }[];
}

interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(!=|!~|>=|<=|[=~<>(),])|([^\s"'=~<>!(),]+))/y;
const OPERATORS = new Set(['=', '!=', '~', '!~', '>', '>=', '<', '<=', 'IN', 'NOT IN', 'IS', 'IS NOT']);

function tokens(jql: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (jql.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(jql);
    if (match === null)
      throw badRequest(
        `Error in the JQL Query: The character '${jql.slice(at).trim().charAt(0)}' is a reserved JQL character. (line 1, character ${at + 1})`,
      );
    const quoted = match[1] ?? match[2];
    if (quoted !== undefined) found.push({ text: quoted.replace(/\\(.)/g, '$1'), quoted: true });
    else found.push({ text: match[3] ?? match[4] ?? '', quoted: false });
  }
  return found;
}

/** Reads a query; throws Jira's 400. */
export function parseJql(jql: string): Query {
  const reader = new Reader(tokens(jql));
  const where = reader.isAt('ORDER') || reader.isDone() ? null : reader.or();
  const order = reader.isAt('ORDER') ? reader.order() : [];
  if (!reader.isDone()) throw badRequest(`Error in the JQL Query: Expecting either 'OR' or 'AND' but got '${reader.peek()}'.`);
  return { where, order };
}

class Reader {
  private readonly list: readonly Token[];
  private at = 0;

  constructor(list: readonly Token[]) {
    this.list = list;
  }

  isDone(): boolean {
    return this.at >= this.list.length;
  }

  peek(): string {
    return this.list[this.at]?.text ?? '';
  }

  isAt(word: string): boolean {
    const token = this.list[this.at];
    return token !== undefined && !token.quoted && token.text.toUpperCase() === word;
  }

  private take(): Token {
    const token = this.list[this.at];
    if (token === undefined) throw badRequest('Error in the JQL Query: Expecting a value, list or function but got end of query.');
    this.at += 1;
    return token;
  }

  private accept(word: string): boolean {
    if (!this.isAt(word)) return false;
    this.at += 1;
    return true;
  }

  or(): Clause {
    const clauses = [this.and()];
    while (this.accept('OR')) clauses.push(this.and());
    return clauses.length === 1 && clauses[0] !== undefined ? clauses[0] : { kind: 'or', clauses };
  }

  private and(): Clause {
    const clauses = [this.unary()];
    while (this.accept('AND')) clauses.push(this.unary());
    return clauses.length === 1 && clauses[0] !== undefined ? clauses[0] : { kind: 'and', clauses };
  }

  private unary(): Clause {
    if (this.accept('NOT')) return { kind: 'not', clause: this.unary() };
    if (this.accept('(')) {
      const clause = this.or();
      if (!this.accept(')')) throw badRequest(`Error in the JQL Query: Expecting ')' but got '${this.peek()}'.`);
      return clause;
    }
    return this.condition();
  }

  private condition(): Clause {
    const field = this.take().text;
    let operator = this.take().text.toUpperCase();
    if (operator === 'NOT' && this.accept('IN')) operator = 'NOT IN';
    if (operator === 'IS' && this.accept('NOT')) operator = 'IS NOT';
    if (!OPERATORS.has(operator))
      throw badRequest(
        `Error in the JQL Query: Expecting operator but got '${operator}'. The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'.`,
      );
    if (operator === 'IN' || operator === 'NOT IN') {
      if (!this.accept('(')) throw badRequest(`Error in the JQL Query: Expecting '(' but got '${this.peek()}'.`);
      const values = [this.value()];
      while (this.accept(',')) values.push(this.value());
      if (!this.accept(')')) throw badRequest(`Error in the JQL Query: Expecting ')' but got '${this.peek()}'.`);
      return { kind: 'condition', field, operator, values };
    }
    return { kind: 'condition', field, operator, values: [this.value()] };
  }

  /** A value, or a function with its parentheses (`currentUser()`). */
  private value(): string {
    const token = this.take();
    if (!token.quoted && this.accept('(')) {
      if (!this.accept(')')) throw badRequest(`Unable to find JQL function '${token.text}' with these arguments.`);
      return `${token.text}()`;
    }
    return token.text;
  }

  order(): Query['order'] {
    this.accept('ORDER');
    if (!this.accept('BY')) throw badRequest(`Error in the JQL Query: Expecting 'BY' but got '${this.peek()}'.`);
    const terms: { field: string; descending: boolean }[] = [];
    do {
      const field = this.take().text;
      const descending = this.accept('DESC');
      if (!descending) this.accept('ASC');
      terms.push({ field, descending });
    } while (this.accept(','));
    if (terms.length > 7) throw badRequest('The maximum number of order by fields is 7.');
    return terms;
  }
}
