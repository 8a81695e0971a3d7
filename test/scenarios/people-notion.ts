/** Omar at Notion's own API, for properties and acts beyond those of the story. */
import { ask } from '@lockstep/launcher/people/person.ts';
import type { World } from './world.ts';

const OMAR = { authorization: 'Bearer ntn_omar', 'notion-version': '2026-03-11' };

export interface NotionHands {
  /** Makes a page of the database and returns its id. */
  make(title: string, properties?: Readonly<Record<string, unknown>>): Promise<string>;
  set(id: string, properties: Readonly<Record<string, unknown>>): Promise<void>;
  /** A property's value without its type. */
  property(id: string, name: string): Promise<unknown>;
  /** Ids of the pages that a relation names. */
  related(id: string, name: 'Parent' | 'Depends on'): Promise<readonly string[]>;
  relate(id: string, name: 'Parent' | 'Depends on', ids: readonly string[]): Promise<void>;
  restore(id: string): Promise<void>;
  /** Hides a page from connections, or shares it again. */
  share(id: string, isShared: boolean): Promise<void>;
  isTrashed(id: string): Promise<boolean>;
}

interface Page {
  readonly id: string;
  readonly in_trash: boolean;
  readonly properties: Readonly<Record<string, { readonly type: string } & Readonly<Record<string, unknown>>>>;
}

/** A property's words, as Notion takes them. */
export const words = (content: string): { readonly rich_text: readonly unknown[] } => ({ rich_text: [{ text: { content } }] });
const kind = (name: string): { readonly select: unknown } => ({ select: { name } });

export async function notionHands(world: World): Promise<NotionHands> {
  const api = <T>(method: string, path: string, body?: unknown): Promise<T> =>
    ask<T>(`${world.simulator.urls.notion}/v1${path}`, { method, headers: OMAR, ...(body === undefined ? {} : { body }) });
  const sources = await api<{ results: readonly { id: string; title: readonly { plain_text: string }[] }[] }>('POST', '/search', {
    filter: { property: 'object', value: 'data_source' },
  });
  const source = sources.results.find(({ title }) => title.map((part) => part.plain_text).join('') === 'Growth OS');
  if (source === undefined) throw new Error('Notion: expected a data source "Growth OS", got none');
  const page = (id: string): Promise<Page> => api('GET', `/pages/${id}`);
  const property: NotionHands['property'] = async (id, name) => {
    const value = (await page(id)).properties[name];
    return value?.[value.type];
  };
  return {
    property,
    async make(title, properties = {}) {
      const whole = { Name: { title: [{ text: { content: title } }] }, Kind: kind('Task'), ...properties };
      return (await api<Page>('POST', '/pages', { parent: { data_source_id: source.id }, properties: whole })).id;
    },
    set: async (id, properties) => void (await api('PATCH', `/pages/${id}`, { properties })),
    related: async (id, name) => ((await property(id, name)) as readonly { id: string }[]).map((target) => target.id),
    relate: async (id, name, ids) =>
      void (await api('PATCH', `/pages/${id}`, { properties: { [name]: { relation: ids.map((target) => ({ id: target })) } } })),
    restore: async (id) => void (await api('PATCH', `/pages/${id}`, { in_trash: false })),
    async share(id, isShared) {
      const body = new URLSearchParams({ action: isShared ? 'share' : 'restrict' });
      await fetch(`${world.simulator.urls.notion}/ui/${id}`, { method: 'POST', body, redirect: 'manual' });
    },
    isTrashed: async (id) => (await page(id)).in_trash,
  };
}
