/** What stands between the names of a joint owner: "VP Sales + CGO", "RevOps & Product", "Growth, Sales", "SDR/AE", "CMO and Growth", "RevOps with Legal". */
const BETWEEN_NAMES = /\s*(?:[+&,;/|]|\s(?:and|with|und|et)\s)\s*/iu;

/**
 * The one who is accountable: the first-named of an owner's text, or null where nobody is named. The collaborators stay in the text as people wrote it;
 * a remark in parentheses belongs to the name before it and is left out ("VP Enterprise Sales (new hire)").
 */
export function accountableOwner(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  const plain = text
    .replaceAll(/\([^()]*\)/g, ' ')
    .replaceAll(/[*_`]/g, '')
    .trim();
  const first = plain.split(BETWEEN_NAMES).find((name) => name.trim() !== '');
  return first === undefined ? null : first.replaceAll(/\s+/g, ' ').trim();
}
