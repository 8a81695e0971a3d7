/**
 * A person who works in a tool: what the story needs of them, over the tool's own HTTP API and with credentials of their own. Nothing here knows
 * Lockstep; what the story says is read back through these.
 */

/** The fields of the story, as people of the tool would name them. A missing key: this tool does not show the field. */
export type Shown = Partial<Record<'title' | 'owner' | 'metric' | 'definitionOfDone' | 'parent' | 'priority', string>>;

/** A record as a person sees it. */
export interface Seen {
  readonly id: string;
  /** How people call it (GROW-12). */
  readonly name: string;
  /** Deleted, in the trash, archived or cancelled. */
  readonly gone: boolean;
  readonly fields: Shown;
}

export interface Person {
  readonly tool: 'jira' | 'notion' | 'hubspot' | 'salesforce';
  /** "Maria in Jira" */
  readonly who: string;
  /** Live records of the plan. */
  count(): Promise<number>;
  /** Records with exactly this title; those that are gone included where the tool still shows them. */
  find(title: string): Promise<readonly Seen[]>;
  edit(id: string, changes: Shown): Promise<void>;
  remove(id: string): Promise<void>;
}

/** Asks a tool over HTTP. Throws with the tool's own words where it refuses. */
export async function ask<T>(url: string, init: { method?: string; headers: Record<string, string>; body?: unknown }): Promise<T> {
  const answer = await fetch(url, {
    method: init.method ?? 'GET',
    headers: { 'content-type': 'application/json', ...init.headers },
    ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await answer.text();
  if (!answer.ok)
    throw new Error(`${init.method ?? 'GET'} ${url}: expected the tool to agree, got HTTP ${answer.status}: ${text.slice(0, 500)}`);
  return (text === '' ? null : JSON.parse(text)) as T;
}
