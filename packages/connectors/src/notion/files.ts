/**
 * Files that hang on a page's own properties: they come with the page. The address of a file that Notion keeps runs out within the hour, so that what is
 * told of it names the page instead (I10).
 */
import type { Discussion, RemoteComment } from '@lockstep/domain/sync/comments.port.ts';
import { filesSchema } from './wire.ts';
import type { Page } from './wire.ts';

/** The files of a page's properties; undefined where it has no such property. */
export function filesOf(page: Page): Discussion | undefined {
  const properties = Object.entries(page.properties).filter(([, { type }]) => type === 'files');
  if (properties.length === 0) return undefined;
  const comments = properties.flatMap(([name, value]) =>
    (filesSchema.safeParse(value['files']).data ?? []).map((file): RemoteComment => {
      const where = file.external?.url ?? page.url ?? 'its page in Notion';
      return {
        ...{ commentId: `file-${page.id}-${value.id}-${file.name}`, kind: 'file', author: null, writtenAt: page.created_time },
        text: `File ${file.name} of "${name}", of a size that Notion does not tell: ${where}`,
      };
    }),
  );
  return { remoteId: page.id, complete: ['file'], comments };
}
