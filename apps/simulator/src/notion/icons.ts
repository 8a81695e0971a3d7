/** Icons and covers of requests: emojis and external files; what else the vendor takes is refused by name. */
import { objectAt, onlyKeys, refuse, stringAt } from './check.ts';
import { invalid } from './errors.ts';

/** An icon as it is stored and answered; null removes it, undefined leaves it. */
export function iconAt(value: unknown, path: string): unknown {
  if (value === undefined || value === null) return value;
  const given = objectAt(value, path);
  onlyKeys(given, path, ['type', 'emoji', 'external', 'file_upload', 'custom_emoji', 'icon']);
  if (given['emoji'] !== undefined) {
    const emoji = stringAt(given['emoji'], `${path}.emoji`);
    if (!/^\p{Extended_Pictographic}|^\p{Regional_Indicator}{2}|^[\d#*]\uFE0F?\u20E3/u.test(emoji))
      refuse(`${path}.emoji`, 'an emoji', emoji);
    return { type: 'emoji', emoji };
  }
  return externalAt(given['external'], path);
}

/** A cover as it is stored and answered; null removes it, undefined leaves it. */
export function coverAt(value: unknown, path: string): unknown {
  if (value === undefined || value === null) return value;
  const given = objectAt(value, path);
  onlyKeys(given, path, ['type', 'external', 'file_upload']);
  return externalAt(given['external'], path);
}

function externalAt(value: unknown, path: string): unknown {
  if (value === undefined) {
    throw invalid(`body failed validation: ${path} is of a kind that is not supported by this simulator (see DIFFERENCES.md).`);
  }
  const url = stringAt(objectAt(value, `${path}.external`)['url'], `${path}.external.url`, 2000);
  return { type: 'external', external: { url } };
}
