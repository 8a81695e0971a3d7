/** Record ids: 15 characters that mind their case, and 18 whose last three say which letters are capitals. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
/** The org's server, between an object's prefix and the record's number. */
const POD = '5g0';
const NUMBER_LENGTH = 9;

/** The 18 characters of an id of 15. */
export function longId(id15: string): string {
  const chunks = [id15.slice(0, 5), id15.slice(5, 10), id15.slice(10, 15)];
  const sums = chunks.map((chunk) => {
    const bits = chunk.split('').reduce((sum, char, index) => sum + (/[A-Z]/.test(char) ? 1 << index : 0), 0);
    return SUM[bits] ?? '';
  });
  return `${id15}${sums.join('')}`;
}

/** The id of the record with this number. */
export function idOf(keyPrefix: string, number: number): string {
  let rest = number;
  let text = '';
  while (text.length < NUMBER_LENGTH) {
    text = `${DIGITS[rest % 62] ?? ''}${text}`;
    rest = Math.floor(rest / 62);
  }
  return longId(`${keyPrefix}${POD}${text}`);
}

/** The 18 characters of whatever is a well-formed id; null where it is none, or its checksum is wrong. */
export function wellFormedId(text: string): string | null {
  if (!/^[0-9A-Za-z]{15}(?:[0-9A-Z]{3})?$/i.test(text)) return null;
  const long = longId(text.slice(0, 15));
  return text.length === 15 || text.slice(15).toUpperCase() === long.slice(15) ? long : null;
}
