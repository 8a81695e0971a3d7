/** Texts made comparable: without case, diacritics and punctuation, the same on every platform. */

/** Letters that have no decomposition in Unicode but stand for others. */
const LETTERS: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', ł: 'l', þ: 'th', ı: 'i' };

/**
 * Lower case, compatibility forms resolved, marks taken off, '&' as 'and', everything else that is no letter or digit as one space.
 * Letters of every script stay: '株式会社' is no empty text. Locale plays no part.
 */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[ßæœøđðłþı]/g, (letter) => LETTERS[letter] ?? letter)
    .replace(/\p{M}/gu, '')
    .replace(/&/g, ' and ')
    .replace(/['’`.]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
