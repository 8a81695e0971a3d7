/** Companies' names made comparable: "Müller & Söhne GmbH & Co. KG" and "MUELLER und Soehne" are not far, "IBM" and "IBM India" are two. */
import { folded } from './folding.ts';

/** Legal forms as they look after folding; several words where they are written so. Data, not a grammar: what is missing stays part of the name. */
const LEGAL_FORMS = new Set(
  `gmbh|ggmbh|mbh|ug|ug haftungsbeschrankt|ag|kg|kgaa|ohg|gbr|se|ev|eg|ek|gesmbh|ges m b h|sarl|sa|sas|sasu|eurl|snc|sci|spa|srl|srls|sl|slu|sau|scrl|sprl
  bv|nv|cv|vof|bvba|plc|ltd|limited|llp|lp|llc|pllc|inc|incorporated|corp|corporation|co|company|pc|pty|pty ltd|proprietary limited|pte|pte ltd|pvt|pvt ltd
  private limited|sdn bhd|bhd|kk|gk|yk|ab|as|asa|aps|oy|oyj|ou|uab|sia|sp z oo|spolka z oo|sp k|spolka akcyjna|sro|spol s ro|kft|zrt|nyrt|bt|rt|doo|dd|ad|ood
  eood|ooo|oao|zao|pao|ооо|оао|зао|пао|ао|ип|ltda|eireli|me|sa de cv|s de rl de cv|株式会社|有限会社|有限公司|股份有限公司|주식회사`.split(
    /[|\n]\s*/,
  ),
);
const MOST_WORDS_IN_A_FORM = 4;

/**
 * The name without its legal forms, case, diacritics and punctuation. A name of nothing but a legal form stays as it is; '' only for a name without a letter
 * or digit.
 */
export function normalisedName(name: string): string {
  const words = folded(name)
    .replace(/^the /, '')
    .replace(/ und | et | y | e | og | och | en /g, ' and ')
    .split(' ');
  const rest = withoutForms(words);
  return (rest.length === 0 ? words : rest).join(' ');
}

/** Both ways of writing German umlauts: names are the same company's when they share one of these. The second is left out where it is the first. */
export function nameKeys(name: string): readonly string[] {
  const expanded = name.normalize('NFC').replace(/[äöü]/gi, (letter) => UMLAUTS[letter.toLowerCase()] ?? letter);
  return [...new Set([normalisedName(name), normalisedName(expanded)])].filter((key) => key !== '');
}

const UMLAUTS: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue' };

function withoutForms(words: readonly string[]): readonly string[] {
  for (let length = Math.min(MOST_WORDS_IN_A_FORM, words.length); length >= 1; length -= 1) {
    if (LEGAL_FORMS.has(words.slice(-length).join(' '))) return withoutForms(words.slice(0, -length));
    // Some scripts and languages put it in front.
    if (isBefore(words.slice(0, length).join(' '))) return withoutForms(words.slice(length));
  }
  return words.at(-1) === 'and' ? withoutForms(words.slice(0, -1)) : words;
}

const isBefore = (form: string): boolean => /^\P{Script=Latin}+$/u.test(form) && LEGAL_FORMS.has(form);
