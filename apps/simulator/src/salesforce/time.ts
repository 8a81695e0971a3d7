/** Instants as Salesforce writes them: whole seconds, `2026-11-24T09:30:20.000+0000`. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

export const instantText = (atMs: number): string => `${new Date(Math.floor(atMs / 1_000) * 1_000).toISOString().slice(0, 23)}+0000`;

/** Epoch milliseconds of an ISO instant or day (UTC where it names no zone), fractions cut off; null where it is none. */
export function instantOf(text: string): number | null {
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone = 'Z'] = ISO.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return null;
  const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const atMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  // Date.parse takes the 31st of a short month for the 1st of the next.
  if (Number.isNaN(atMs) || new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDate() !== Number(day)) return null;
  return atMs;
}
