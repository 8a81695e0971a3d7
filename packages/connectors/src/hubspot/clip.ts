/**
 * HubSpot takes 65,536 characters in a property. A longer text is cut between words, with no mark of ours inside it, so that what HubSpot shows is the
 * beginning of the text, exactly: the merge recognises it, never imports the cut, and keeps the unseen end when the beginning is edited (I03).
 */
import { escapeHtml } from './html-lines.ts';
import { encodeHtml } from './html.ts';

export const MOST_CHARACTERS = 65_536;
const MOST_TRIES = 4;

export interface Clipped {
  /** What is sent; '' clears. */
  readonly text: string;
  /** How many characters of the original are in it; null where all are. */
  readonly kept: number | null;
}

export function clippedText(text: string | null): Clipped {
  if (text === null || text.length <= MOST_CHARACTERS) return { text: text ?? '', kept: null };
  const cut = cutBefore(text, MOST_CHARACTERS);
  return { text: cut, kept: cut.length };
}

/** As HTML, made from `before` where that fits. */
export function clippedHtml(text: string | null, before: string | null): Clipped {
  const whole = encodeHtml(text, before);
  if (text === null || whole.length <= MOST_CHARACTERS) return { text: whole, kept: null };
  const plain = encodeHtml(text, null);
  if (plain.length <= MOST_CHARACTERS) return { text: plain, kept: null };
  const most = cutBefore(text, fitting(text));
  let cut = most;
  let edited = encodeHtml(cut, before);
  // What is kept of the body takes room of its own.
  for (let tries = 0; edited.length > MOST_CHARACTERS && tries < MOST_TRIES; tries += 1) {
    cut = cutBefore(text, Math.max(0, cut.length - (edited.length - MOST_CHARACTERS)));
    edited = encodeHtml(cut, before);
  }
  const isSmaller = edited.length <= MOST_CHARACTERS && cut.length > most.length / 2;
  return isSmaller ? { text: edited, kept: cut.length } : { text: encodeHtml(most, null), kept: most.length };
}

/** How many characters fit, written as paragraphs. */
function fitting(text: string): number {
  const around = '<p></p>'.length;
  let room = MOST_CHARACTERS;
  let fits = 0;
  for (const line of text.split('\n')) {
    const source = line === '' ? '<br>' : escapeHtml(line);
    if (around + source.length > room) {
      for (const character of line) {
        room -= escapeHtml(character).length;
        if (room < around) return fits;
        fits += character.length;
      }
    }
    room -= around + source.length;
    fits += line.length + 1;
  }
  return fits;
}

/** The longest beginning of at most so many characters that ends between words, else between characters as readers see them. */
function cutBefore(text: string, most: number): string {
  const beginning = text.slice(0, most);
  if (/^\s/u.test(text.slice(most))) return beginning.trimEnd();
  let wordStart = beginning.length;
  while (wordStart > 0 && /\S/u.test(beginning[wordStart - 1] ?? '')) wordStart -= 1;
  if (wordStart > 0 && beginning.length - wordStart < MOST_CHARACTERS / 2) return beginning.slice(0, wordStart).trimEnd();
  const from = Math.max(0, most - 100);
  const tail = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text.slice(from, most + 100))];
  const last = tail.findLast(({ index }) => from + index <= most);
  return text.slice(0, from + (last?.index ?? 0));
}
