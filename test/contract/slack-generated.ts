/** Calls that nobody wrote: arguments from the contract, mostly with words that mean something there; and calls made wrong in one place. */
import fc from 'fast-check';
import type { Operation } from './contract.ts';
import { RUNS } from './generated.ts';
import type { Exchange } from './recorder.ts';
import { isRefused, normalised } from './slack-contract.ts';
import { CHANNEL } from './slack-stage.ts';
import type { How, SlackStage } from './slack-stage.ts';

const SEED = Number(process.env['CONTRACT_SEED'] ?? 20_261_124);

const words = fc.string({ minLength: 1, maxLength: 30 });
const block = fc.oneof(
  words.map((text) => ({ type: 'section', text: { type: 'mrkdwn', text: `x${text}` } })),
  fc.constant({ type: 'divider' }),
  words.map((value) => ({
    type: 'actions',
    elements: [{ type: 'button', action_id: `a${value}`, value, text: { type: 'plain_text', text: 'Go' } }],
  })),
  fc.jsonValue({ maxDepth: 2 }),
);
const json = (value: fc.Arbitrary<unknown>): fc.Arbitrary<string> => value.map((each) => JSON.stringify(each));

/** What plausibly stands in an argument, by name. */
function plausible({ query }: Operation, name: string, ts: readonly string[]): fc.Arbitrary<unknown> {
  // A conversation is opened by its id or by who is in it: the id wins, and stands for one that is open.
  if (name === 'channel' && 'users' in query) return fc.constant('');
  const known: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    channel: fc.constantFrom(CHANNEL, CHANNEL, 'C0ESCALATE', 'C0OLDPLAN1', '#growth', 'U0LENA001'),
    user: fc.constantFrom('U0LENA001', 'U0MARIA01', 'U0JONAS01'),
    users: fc.constantFrom('U0LENA001', 'U0PRIYA01', 'U0JONAS01', 'U0LENA001,U0TOM0001'),
    email: fc.constantFrom('lena@growth.example', 'Omar@growth.example', 'nobody@growth.example'),
    text: words,
    blocks: json(fc.array(block, { maxLength: 4 })),
    attachments: json(fc.array(fc.record({ fallback: words }), { maxLength: 3 })),
    metadata: json(fc.record({ event_type: words, event_payload: fc.dictionary(words, words, { maxKeys: 3 }) })),
    ts: fc.constantFrom(...ts),
    thread_ts: fc.constantFrom(...ts),
    types: fc.constantFrom('public_channel', 'private_channel,im', 'im', 'mpim'),
    oldest: fc.constantFrom('0', '1764000000', '1700000000.000100'),
    latest: fc.constantFrom('1900000000', '1764000000.5'),
    limit: fc.integer({ min: 1, max: 200 }),
    cursor: fc.constant(''),
  };
  return known[name] ?? words;
}

/** Arguments with no effect here: whatever they are is passed over, as unknown ones are by Slack. */
const PASSED_OVER = new Set(['as_user', 'icon_emoji', 'icon_url', 'username', 'parse']);

export interface SlackRuns {
  readonly operation: string;
  readonly runs: number;
  readonly successes: number;
  readonly failure: string | null;
}

interface GeneratedCall {
  readonly args: Readonly<Record<string, unknown>>;
  readonly how: How;
}

/** Valid by the contract: a success of the contract's shape, or a refusal that the vendor knows. */
export function sendValidCalls(stage: SlackStage, operation: Operation): Promise<SlackRuns> {
  return sent(stage, operation, async (ts) => {
    const calls = callsOf(operation, ts);
    return fc.asyncProperty(calls, async (call) => {
      const exchange = normalised(await stage.call(methodOf(operation), call.args, call.how));
      told(exchange, stage.checker.requestViolations(operation, exchange));
      told(exchange, isRefused(exchange) ? stage.checker.errorViolations(exchange) : stage.checker.answerViolations(operation, exchange));
    });
  });
}

/** An argument that is missing, or of a type that a JSON body can have and the method cannot: a refusal that the vendor knows. */
export function sendInvalidCalls(stage: SlackStage, operation: Operation): Promise<SlackRuns> {
  const required = operation.requiredQuery;
  const read = Object.keys(operation.query).filter((name) => !PASSED_OVER.has(name));
  if (read.length === 0) return Promise.resolve({ operation: operation.name, runs: 0, successes: 0, failure: null });
  return sent(stage, operation, async (ts) => {
    const wrong = fc.constantFrom<unknown>({}, { a: 1 }, [[]], ['x'], 'not that', -1.5);
    const change = fc.record({ name: fc.constantFrom(...read), instead: wrong, isMissing: fc.boolean() });
    return fc.asyncProperty(callsOf(operation, ts), change, async ({ args }, { name, instead, isMissing }) => {
      const removes = isMissing && required.includes(name);
      fc.pre(removes || isWrongFor(operation, name, instead));
      const { [name]: _, ...others } = args;
      const exchange = normalised(await stage.call(methodOf(operation), removes ? others : { ...others, [name]: instead }, 'json'));
      told(exchange, isRefused(exchange) ? stage.checker.errorViolations(exchange) : [`expected a refusal of ${name}`]);
    });
  });
}

/** Texts are any text; numbers are read as texts of numbers; blocks, attachments and metadata may be JSON itself. */
function isWrongFor({ query }: Operation, name: string, value: unknown): boolean {
  const type = query[name]?.['type'];
  if (['blocks', 'attachments', 'metadata'].includes(name))
    return value === 'not that' || value === -1.5 || (name !== 'metadata' && !Array.isArray(value));
  if (type === 'boolean') return name !== 'link_names' || typeof value !== 'string';
  if (type === 'integer') return true;
  if (type === 'number') return typeof value !== 'number' || value < 0;
  return typeof value !== 'string';
}

const methodOf = ({ path }: Operation): string => path.slice('/api/'.length);

function callsOf(operation: Operation, ts: readonly string[]): fc.Arbitrary<GeneratedCall> {
  const members = Object.entries(operation.query).map(([name, { type }]) => {
    const any =
      type === 'boolean' ? fc.boolean() : type === 'integer' ? fc.integer({ min: 1, max: 300 }) : type === 'number' ? fc.nat() : words;
    const value =
      type === 'boolean' ? any : fc.oneof({ weight: 10, arbitrary: plausible(operation, name, ts) }, { weight: 1, arbitrary: any });
    return [name, value] as const;
  });
  const args = fc.record(Object.fromEntries(members), { requiredKeys: [...operation.requiredQuery] });
  const ways: readonly How[] = operation.method === 'GET' ? ['query', 'form', 'json'] : ['form', 'json'];
  return fc.record({ args, how: fc.constantFrom(...ways) });
}

function told(exchange: Exchange, violations: readonly string[]): void {
  if (violations.length > 0) throw new Error(`HTTP ${exchange.status} ${exchange.answerText.slice(0, 300)}: ${violations.join('; ')}`);
}

async function sent(
  stage: SlackStage,
  operation: Operation,
  make: (ts: readonly string[]) => Promise<fc.IAsyncProperty<unknown>>,
): Promise<SlackRuns> {
  const ts: string[] = [];
  for (let index = 0; index < RUNS; index += 1) {
    const { answerText } = await stage.call('chat.postMessage', { channel: CHANNEL, text: `m${index}` });
    ts.push(String((JSON.parse(answerText) as { readonly ts?: string }).ts));
  }
  const before = stage.recorder.exchanges.length;
  const details = await fc.check(await make(ts), { seed: SEED, numRuns: RUNS });
  const made = stage.recorder.exchanges.slice(before);
  return {
    operation: operation.name,
    runs: made.length,
    successes: made.filter((exchange) => !isRefused(exchange)).length,
    failure: details.failed
      ? `${operation.name} (seed ${SEED}): ${JSON.stringify(details.counterexample)?.slice(0, 600) ?? ''} → ${details.errorInstance instanceof Error ? details.errorInstance.message.slice(0, 600) : 'failed'}`
      : null,
  };
}
