/** From what a person typed to the one item that is meant. */
import type { ApiClient } from '@lockstep/api/client.ts';
import type { ApiItem, FoundItem } from '@lockstep/api/schemas.ts';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';
import { visible } from './output.ts';

/** The item. Throws `CommandFailure` where there is none, or more than one: then it lists them. */
export async function findItem(api: ApiClient, text: string): Promise<ApiItem> {
  const found = await api.find(text);
  const [only, ...others] = found;
  if (only === undefined) {
    throw new CommandFailure(
      EXIT.failed,
      'not_found',
      `item: expected an id, a tool's key (GROW-12) or a title, found nothing for ${JSON.stringify(text)}; \`lockstep items\` lists all`,
    );
  }
  if (others.length > 0) {
    throw new CommandFailure(
      EXIT.failed,
      'ambiguous',
      [`item: expected one, found ${found.length} for ${JSON.stringify(text)}; name it by its id:`, ...found.map(candidate)].join('\n'),
    );
  }
  return only.item;
}

function candidate({ item }: FoundItem): string {
  return `  ${item.itemId}  ${item.kind}  ${titleOf(item)}`;
}

/** An item's title for people. */
export function titleOf(item: ApiItem): string {
  return visible(typeof item.fields.title === 'string' ? item.fields.title : '(no title)');
}
