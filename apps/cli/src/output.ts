/**
 * What the program prints. With --json exactly one JSON document on stdout and nothing else there; else text on stdout. Progress, questions and
 * errors go to stderr in both cases.
 */
import { styleText } from 'node:util';
import Table from 'cli-table3';

type Style = Parameters<typeof styleText>[0];

export interface Output {
  readonly json: boolean;
  /** The answer of a command. */
  answer(value: unknown, text: string): void;
  /** A line of progress or a warning, for people. */
  note(text: string): void;
  /** Colour where the terminal has it and --no-color was not given. */
  paint(style: Style, text: string): string;
}

export interface OutputOptions {
  readonly json: boolean;
  readonly color: boolean;
}

/** Prints to the process's own streams. */
export function createOutput(options: OutputOptions): Output {
  return {
    json: options.json,
    answer: (value, text) => {
      const printed = options.json ? printedJson(value) : text;
      if (printed !== '') process.stdout.write(printed.endsWith('\n') ? printed : `${printed}\n`);
    },
    note: (text) => void process.stderr.write(`${text}\n`),
    // `stream` makes styleText obey NO_COLOR, FORCE_COLOR and pipes.
    paint: (style, text) => (options.color ? styleText(style, text, { stream: process.stdout }) : text),
  };
}

/** JSON of the same value, in which no character steers a terminal: those that JSON itself leaves as they are, are escaped too. */
export function printedJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /[\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Rows in columns, without lines around them. Cells are made visible; colour is put on by the caller afterwards where it wants some. */
export function columns(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: NO_LINES,
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

/**
 * One line that a terminal shows as it is: control characters of a tool's text (escape sequences, bells, line ends) are spelled out, and so are those
 * that turn the direction of what follows.
 */
export function visible(text: string): string {
  return text
    .replaceAll('\n', '⏎')
    .replace(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

const GRAPHEMES = new Intl.Segmenter();

/** At most `most` characters as people count them, ending in … where the line was longer. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const characters = Array.from(GRAPHEMES.segment(text), ({ segment }) => segment);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

/** `1 write`, `2 writes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
