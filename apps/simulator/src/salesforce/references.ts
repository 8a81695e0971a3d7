/** `@{refAccount.id}`, `@{refQuery.records[0].Id}`: what an earlier answer of a composite holds. */
const REFERENCE = /@\{(\w+)((?:\.\w+|\[\d+\])+)\}/g;

interface Resolved {
  readonly value: unknown;
  /** The first reference that leads nowhere; null where all are found. */
  readonly missing: string | null;
}

/** A value with its references replaced, in whatever depth. In addresses what is put in is encoded. */
export function resolved(value: unknown, answers: ReadonlyMap<string, unknown>, isAddress: boolean): Resolved {
  let missing: string | null = null;
  const one = (whole: string, name: string, steps: string): unknown => {
    const found = steps
      .split(/[.[\]]/)
      .filter((step) => step !== '')
      .reduce<unknown>((place, step) => (place as Readonly<Record<string, unknown>> | null | undefined)?.[step], answers.get(name));
    if (found === undefined || found === null) missing ??= `${name}${steps}`;
    return found ?? whole;
  };
  const walk = (part: unknown): unknown => {
    if (typeof part === 'string') {
      const [whole, name, steps] = new RegExp(`^${REFERENCE.source}$`).exec(part) ?? [];
      // A reference alone keeps its type.
      if (whole !== undefined && !isAddress) return one(whole, name ?? '', steps ?? '');
      return part.replaceAll(REFERENCE, (text, itsName: string, itsSteps: string) => {
        const found = String(one(text, itsName, itsSteps));
        return isAddress ? encodeURIComponent(found) : found;
      });
    }
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part === 'object' && part !== null)
      return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, walk(inner)]));
    return part;
  };
  return { value: walk(value), missing };
}
