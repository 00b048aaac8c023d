import type { ChangeFilter } from './changes.ts';

/** What a subscriber asks for. */
export interface Subscription extends ChangeFilter {
  /** The number of the last change that it has, or only what comes from now on. */
  readonly from: number | 'latest';
}

/** What a subscriber's message says, or what is wrong with it. */
export type Request =
  | { readonly kind: 'subscribe'; readonly subscription: Subscription }
  | { readonly kind: 'wrong'; readonly error: string };

/** The names that a subscriber may ask for. */
export interface KnownNames {
  readonly contracts: readonly string[];
  readonly events: readonly string[];
}

/** Reads a message of a subscriber, whatever it is. */
export function readRequest(text: string, known: KnownNames): Request {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return wrong('the message is not JSON');
  }
  const subscribe = fieldsOf(fieldsOf(message)?.['subscribe']);
  if (subscribe === undefined)
    return wrong('the message is not {"subscribe": {"contracts", "events", "from"}}');
  const extra = Object.keys(subscribe).find((key) => !['contracts', 'events', 'from'].includes(key));
  if (extra !== undefined)
    return wrong(`there is no "${extra.slice(0, 50)}": only contracts, events and from`);

  const { contracts, events, from = 'latest' } = subscribe;
  for (const [what, names, all] of [
    ['contracts', contracts, known.contracts],
    ['events', events, known.events],
  ] as const) {
    if (names === undefined) continue;
    if (!isNames(names)) return wrong(`${what} is not a list of 1 to 1000 names`);
    const unknown = names.find((name) => !all.includes(name));
    if (unknown !== undefined) return wrong(`${what}: "${unknown.slice(0, 100)}" is not followed here`);
  }
  if (from !== 'latest' && !(Number.isSafeInteger(from) && (from as number) >= 0)) {
    return wrong('from is neither "latest" nor the number of a change');
  }
  return {
    kind: 'subscribe',
    subscription: {
      contracts: contracts as string[] | undefined,
      events: events as string[] | undefined,
      from: from as number | 'latest',
    },
  };
}

function wrong(error: string): Request {
  return { kind: 'wrong', error };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function isNames(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length >= 1 &&
    value.length <= 1000 &&
    value.every((each) => typeof each === 'string')
  );
}
