/**
 * HTML as lines and what stands between them. Every character of the source is in one of the two, in order, so that a line can be changed in place and
 * all else stays as it is (law S9). Not a browser: tags that nobody closed, comments and scripts are kept and never shown.
 */

export interface HtmlLine {
  /** The inline source, tags included. */
  raw: string;
  /** What a reader sees of it. */
  readonly words: string;
  /** How Markdown people would begin such a line: "- ", "2. ", "## ". */
  readonly prefix: string;
}

export interface HtmlLines {
  readonly lines: HtmlLine[];
  /** One more than lines: what stands before each, and after the last. */
  readonly between: string[];
}

const BLOCKS = new Set(
  'address article aside blockquote body dd div dl dt figure footer h1 h2 h3 h4 h5 h6 header hr html li main ol p pre section table tbody tfoot thead tr ul'.split(
    ' ',
  ),
);
/** An empty one of these is an empty line. */
const LINE_BLOCKS = new Set(['p', 'li', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6']);
/** Shown as a mark, since they have no words. */
const MARKED = new Set(['img', 'iframe', 'video', 'audio', 'object', 'embed', 'svg', 'canvas']);

export function linesOf(html: string): HtmlLines {
  const reader = new Reader();
  for (const token of tokensOf(html)) reader.take(token);
  return reader.end();
}

class Reader {
  readonly #lines: HtmlLine[] = [];
  readonly #between: string[] = [''];
  readonly #lists: { readonly ordered: boolean; count: number }[] = [];
  #raw = '';
  #words = '';
  #hasContent = false;
  #prefix = '';
  /** Lines at the moment when the innermost line block opened. */
  #linesAtOpening: number | null = null;
  #preDepth = 0;
  #endsInLineEnd = false;

  take(token: Token): void {
    if (token.kind === 'text') this.#text(token.raw);
    else if (token.kind === 'hidden') this.#raw += token.raw;
    else if (token.name === 'br') this.#break(token.raw);
    else if (BLOCKS.has(token.name)) this.#block(token);
    else this.#inline(token);
  }

  end(): HtmlLines {
    this.#flush(false);
    return { lines: this.#lines, between: this.#between };
  }

  #text(raw: string): void {
    if (this.#preDepth > 0) {
      for (const [index, line] of raw.split('\n').entries()) {
        if (index > 0) this.#break('\n');
        if (line !== '') this.#add(line, unescapeHtml(line));
      }
      return;
    }
    // Line ends in the source are no line ends for the reader; blanks are kept, since ours mean something.
    const words = unescapeHtml(
      raw.replaceAll(/[\t\n\r ]+/g, (run, at: number) => (/[\t\n\r]/.test(run) ? (at === 0 && this.#words === '' ? '' : ' ') : run)),
    );
    const isLayout = !this.#hasContent && raw.trim() === '' && (/[\t\n\r]/.test(raw) || this.#linesAtOpening === null);
    if (words === '' || isLayout) this.#raw += raw;
    else this.#add(raw, words);
    this.#endsInLineEnd = /[\t\n\r] *$/.test(raw);
  }

  #add(raw: string, words: string): void {
    this.#raw += raw;
    this.#words += words;
    this.#hasContent = true;
  }

  #inline({ raw, name, closing }: Tag): void {
    if (closing) this.#raw += raw;
    else if (MARKED.has(name)) {
      const alt = unescapeHtml(/\balt\s*=\s*"([^"]*)"/i.exec(raw)?.[1] ?? '').replaceAll(/\s+/g, ' ');
      this.#add(raw, `[${name === 'img' ? 'image' : name}${alt === '' ? '' : `: ${alt}`}]`);
    } else if (name === 'td' || name === 'th') this.#add(raw, this.#words === '' ? '' : ' | ');
    else this.#raw += raw;
  }

  #break(raw: string): void {
    this.#flush(true);
    this.#append(raw);
  }

  #block({ raw, name, closing }: Tag): void {
    const wasEmpty = !this.#hasContent;
    const isEmptyLine = closing && LINE_BLOCKS.has(name) && wasEmpty && this.#linesAtOpening === this.#lines.length;
    this.#flush(isEmptyLine);
    this.#append(raw);
    if (closing) this.#close(name);
    else this.#open(name);
  }

  #open(name: string): void {
    if (name === 'ul' || name === 'ol') this.#lists.push({ ordered: name === 'ol', count: 0 });
    if (name === 'pre') this.#preDepth += 1;
    if (LINE_BLOCKS.has(name)) this.#linesAtOpening = this.#lines.length;
    if (/^h[1-6]$/.test(name)) this.#prefix = `${'#'.repeat(Number(name[1]))} `;
    const list = this.#lists.at(-1);
    if (name === 'li' && list !== undefined) {
      list.count += 1;
      this.#prefix = `${'  '.repeat(this.#lists.length - 1)}${list.ordered ? `${list.count}. ` : '- '}`;
    }
  }

  #close(name: string): void {
    if (name === 'ul' || name === 'ol') this.#lists.pop();
    if (name === 'pre') this.#preDepth = Math.max(0, this.#preDepth - 1);
    if (LINE_BLOCKS.has(name)) this.#linesAtOpening = null;
    this.#prefix = '';
  }

  /** Ends the line, if there is one: words, or an empty line that the source asks for. */
  #flush(evenEmpty: boolean): void {
    if (!this.#hasContent && !evenEmpty) {
      this.#append(this.#raw);
    } else {
      const words = this.#endsInLineEnd ? this.#words.trimEnd() : this.#words;
      this.#lines.push({ raw: this.#raw, words, prefix: this.#prefix });
      this.#between.push('');
      this.#prefix = '';
    }
    this.#raw = '';
    this.#words = '';
    this.#hasContent = false;
    this.#endsInLineEnd = false;
  }

  #append(raw: string): void {
    this.#between[this.#between.length - 1] += raw;
  }
}

interface Tag {
  readonly kind: 'tag';
  readonly raw: string;
  readonly name: string;
  readonly closing: boolean;
}
type Token = Tag | { readonly kind: 'text'; readonly raw: string } | { readonly kind: 'hidden'; readonly raw: string };

/** Linear in the length of the source: what begins like a tag and never ends is text to the end. */
function* tokensOf(html: string): Generator<Token> {
  let at = 0;
  while (at < html.length) {
    const opens = html.indexOf('<', at);
    if (opens === -1) return yield { kind: 'text', raw: html.slice(at) };
    if (opens > at) yield { kind: 'text', raw: html.slice(at, opens) };
    const end = endOfMarkup(html, opens);
    if (end === null) {
      // A bare "<" is a character.
      const next = html.indexOf('<', opens + 1);
      at = next === -1 ? html.length : next;
      yield { kind: 'text', raw: html.slice(opens, at) };
      continue;
    }
    const raw = html.slice(opens, end);
    const name = /^<\/?([a-z][a-z0-9-]*)/i.exec(raw)?.[1]?.toLowerCase() ?? '';
    at = end;
    if (name === '') yield { kind: 'hidden', raw };
    else if ((name === 'script' || name === 'style') && !raw.startsWith('</')) {
      const closing = new RegExp(`</${name}`, 'gi');
      closing.lastIndex = end;
      const closes = closing.exec(html)?.index;
      const after = closes === undefined ? html.length : (endOfMarkup(html, closes) ?? html.length);
      at = after;
      yield { kind: 'hidden', raw: html.slice(opens, after) };
    } else yield { kind: 'tag', raw, name, closing: raw.startsWith('</') };
  }
}

/** Where the tag or comment that begins here ends; null where none begins. */
function endOfMarkup(html: string, opens: number): number | null {
  if (html.startsWith('<!--', opens)) {
    const closes = html.indexOf('-->', opens + 4);
    return closes === -1 ? html.length : closes + 3;
  }
  if (!/^<[a-z/!?]/i.test(html.slice(opens, opens + 2))) return null;
  let quote = '';
  for (let at = opens + 1; at < html.length; at += 1) {
    const character = html[at] ?? '';
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return at + 1;
  }
  return html.length;
}

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  ndash: '–',
  mdash: '—',
};

function unescapeHtml(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/gi, (whole, decimal: string, hex: string, name: string) => {
    if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10_ff_ff && (code < 0xd8_00 || code > 0xdf_ff) ? String.fromCodePoint(code) : whole;
  });
}

const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\t': '&#9;', '\r': '&#13;' };

/** Text as HTML that shows it and does nothing (I05). */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"\t\r]/g, (character) => ESCAPED[character] ?? character);
}
