/** Three-way merge of sets: what `observed` added to or removed from `base` happens to `canonical`. Never conflicts (A09). Sorted and distinct. */
export function mergeSet(canonical: readonly string[], base: readonly string[], observed: readonly string[]): readonly string[] {
  const before = new Set(base);
  const after = new Set(observed);
  const merged = new Set(canonical.filter((member) => after.has(member) || !before.has(member)));
  for (const member of observed) if (!before.has(member)) merged.add(member);
  return [...merged].sort();
}
