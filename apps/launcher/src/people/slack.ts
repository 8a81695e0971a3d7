/** What people see and press in Slack. */
import { ask } from './person.ts';

export interface SeenMessage {
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  /** Ids of buttons that can be pressed. */
  readonly actions: readonly string[];
}

export interface PeopleInSlack {
  /** What was written to somebody, the oldest first. */
  messages(userId: string): Promise<readonly SeenMessage[]>;
  press(userId: string, message: SeenMessage, actionId: string): Promise<void>;
  /** Where the app is told of presses: whoever administers it says so once. */
  setInteractivity(url: string): Promise<void>;
}

export function peopleInSlack(baseUrl: string): PeopleInSlack {
  const post = (path: string, body: unknown): Promise<unknown> => ask(`${baseUrl}${path}`, { method: 'POST', headers: {}, body });
  return {
    messages: async (userId) =>
      (await ask<{ messages: SeenMessage[] }>(`${baseUrl}/ui/people/${userId}/messages`, { headers: {} })).messages,
    press: async (user, { channel, ts }, actionId) => void (await post('/ui/press', { user, channel, ts, actionId })),
    setInteractivity: async (interactivityUrl) => void (await post('/ui/apps/lockstep', { interactivityUrl })),
  };
}
