/** What every step of the story has at hand. */
import type { ApiClient } from '@lockstep/api/client.ts';
import type { ApiItem } from '@lockstep/api/schemas.ts';
import type { Operator, TypeOptions } from '../people/operator.ts';
import type { ContactsInHubSpot } from '../people/hubspot-contacts.ts';
import type { PersonInHubSpot } from '../people/hubspot.ts';
import type { Person, Seen, Shown } from '../people/person.ts';
import type { PeopleInSlack } from '../people/slack.ts';
import type { Simulator } from '../simulator.ts';
import { eventually } from '../waiting.ts';

export interface Stage {
  readonly jira: Person;
  readonly notion: Person;
  readonly hubspot: PersonInHubSpot;
  /** The working copy of the plan. */
  readonly planFile: string;
  readonly simulator: Simulator;
  /** Maria's customers in HubSpot. */
  readonly contacts: ContactsInHubSpot;
  readonly slack: PeopleInSlack;
  /** Where the worker listens. */
  workerUrl(): string;
  /** The worker's API with the account of Omar, who approves what others ask for. */
  approver(): ApiClient;
  /** The worker's API; another one after the worker was started again. */
  api(): ApiClient;
  /** `kill -9` of the worker, while its answer is held back; then everything is let go and it is started again. */
  killWorker(): Promise<void>;
  restartWorker(): Promise<void>;
  /** Puts the worker of another checkout in the place of the present one; ours, where none is named. */
  deploy(checkout?: string): Promise<void>;
  /** A folder for checkouts of other deploys. */
  readonly deploys: string;
  /** Gives a connection another mapping, or the shipped one, and starts the worker with it. */
  remap(connectionId: string, mapping: string | null): Promise<void>;
  readonly operator: Operator;
  /** Omar's, for what is typed. */
  readonly approverAccount: NonNullable<TypeOptions['as']>;
  /** A task of the plan that no step has used yet. */
  takeTask(): ApiItem | null;
  say(line: string): void;
}

/** A step's outcome. `detail` says what went where, as read back from the tools. */
export interface StepOutcome {
  readonly ok: boolean;
  readonly detail: string;
}

export interface Step {
  readonly step: string;
  play(stage: Stage): Promise<StepOutcome>;
}

/** How long a change may take to be seen everywhere, on a slow machine. */
export const SEEN_WITHIN_MS = 90_000;

/** The one live record with this title. Throws when there is none or more than one after a while. */
export async function theOne(person: Person, title: string): Promise<Seen> {
  let last: readonly Seen[] = [];
  return eventually(
    `exactly one record "${title}" to be seen by ${person.who}`,
    SEEN_WITHIN_MS,
    async () => {
      last = (await person.find(title)).filter((record) => !record.gone);
      return last.length === 1 ? (last[0] ?? null) : null;
    },
    () => `; seen: ${last.length}`,
  );
}

/** Waits until a person sees these values. */
export async function untilShown(person: Person, title: string, wanted: Shown): Promise<Seen> {
  let last: Seen | undefined;
  return eventually(
    `${person.who} to see ${JSON.stringify(wanted)} on "${title}"`,
    SEEN_WITHIN_MS,
    async () => {
      last = (await person.find(title)).find((record) => !record.gone);
      const shown = last?.fields;
      if (last === undefined || shown === undefined) return null;
      return Object.entries(wanted).every(([field, value]) => shown[field as keyof Shown] === value) ? last : null;
    },
    () => `; seen: ${JSON.stringify(last?.fields ?? null)}`,
  );
}

/** Waits until a person sees no live record with this title. */
export async function untilGone(person: Person, title: string): Promise<void> {
  await eventually(`"${title}" to be gone for ${person.who}`, SEEN_WITHIN_MS, async () =>
    (await person.find(title)).every((record) => record.gone) ? true : null,
  );
}
