import { createHash } from 'node:crypto';
import { EventFragment, Interface, type Fragment } from 'ethers/abi';
import { isAddress } from 'ethers/address';
import { bloomPattern, type BloomPattern } from './bloom.ts';
import { argsReader, type ReadArgs } from './decode.ts';
import type { LogFilter } from './node.ts';

/** A contract that is followed. */
export interface WatchedContract {
  readonly name: string;
  /** In small letters. */
  readonly address: string;
  readonly fromBlock: number;
  /** Its events by their first topic. */
  readonly events: ReadonlyMap<string, WatchedEvent>;
  readonly bloom: BloomPattern;
  /** What is read of it; another value means that its past is read again. */
  readonly fingerprint: string;
}

/** An event of a contract. */
export interface WatchedEvent {
  /** Its name, or its whole signature where the contract has several of that name. */
  readonly name: string;
  readonly readArgs: ReadArgs;
}

interface Entry {
  readonly name?: unknown;
  readonly address?: unknown;
  readonly fromBlock?: unknown;
  readonly abi?: unknown;
  readonly events?: unknown;
}

/**
 * Reads the list of contracts. What is wrong is told to `refuse`, all of it. `readJson` gives the content of an ABI file
 * or throws.
 */
export function readContracts(
  text: string,
  readJson: (file: string) => unknown,
  refuse: (problem: string) => void,
): readonly WatchedContract[] {
  const entries = parsed(text);
  if (!Array.isArray(entries) || entries.length === 0) {
    refuse('CONTRACTS is not a JSON list of contracts: [{"name","address","fromBlock","abi" or "events"}]');
    return [];
  }
  const contracts = entries.flatMap((entry: Entry | null, index) => {
    const where = `CONTRACTS: ${typeof entry?.name === 'string' ? entry.name : `entry ${index + 1}`}`;
    const problems: string[] = [];
    const contract = readContract(entry ?? {}, readJson, problems);
    for (const problem of problems) refuse(`${where} ${problem}`);
    return contract === undefined ? [] : [contract];
  });
  for (const double of doubles(contracts.map(({ name }) => name))) {
    refuse(`CONTRACTS: two are called ${double}; give each a name of its own`);
  }
  for (const double of doubles(contracts.map(({ address }) => address))) {
    refuse(`CONTRACTS: two have the address ${double}; give one entry all of its events`);
  }
  return contracts;
}

/** The filter for the logs of contracts. Which event belongs to which contract is looked at afterwards. */
export function filterOf(contracts: readonly WatchedContract[]): LogFilter {
  const topics = new Set(contracts.flatMap(({ events }) => [...events.keys()]));
  return { address: contracts.map(({ address }) => address), topics: [[...topics]] };
}

/** Reads one contract; undefined when there are problems, which are added to the list. */
function readContract(
  entry: Entry,
  readJson: (file: string) => unknown,
  problems: string[],
): WatchedContract | undefined {
  const { name, fromBlock } = entry;
  if (typeof name !== 'string' || !/^[\w.-]{1,100}$/.test(name)) {
    problems.push('has no name of letters, digits, _ . and -');
  }
  if (!Number.isSafeInteger(fromBlock) || (fromBlock as number) < 0) {
    problems.push('has no fromBlock: the block that it was deployed in');
  }
  const address = readAddress(entry.address, problems);
  const abi = readAbi(entry, readJson, problems);
  const fragments = (abi?.fragments ?? []).filter(isNamedEvent);
  if (abi !== undefined && fragments.length === 0) {
    problems.push('has no events: its abi has none, or only anonymous ones');
  }
  if (problems.length > 0 || abi === undefined) return undefined;
  const events = eventsOf(fragments);
  const topics = [...events.keys()].sort();
  const fingerprint = createHash('sha256')
    .update([address, fromBlock, ...topics].join(' '))
    .digest('hex');
  return {
    ...{ name: name as string, address, fromBlock: fromBlock as number, events, fingerprint },
    bloom: bloomPattern(address, topics),
  };
}

function readAddress(address: unknown, problems: string[]): string {
  const isBytes = typeof address === 'string' && /^0x[0-9a-fA-F]{40}$/.test(address);
  if (!isBytes) problems.push('has no address of 20 bytes');
  else if (!isAddress(address)) problems.push('has an address with a wrong checksum');
  return isBytes ? address.toLowerCase() : '';
}

function isNamedEvent(fragment: Fragment): fragment is EventFragment {
  return EventFragment.isFragment(fragment) && !fragment.anonymous;
}

function eventsOf(fragments: readonly EventFragment[]): Map<string, WatchedEvent> {
  const overloaded = new Set(
    doubles([...new Map(fragments.map((each) => [each.format(), each.name])).values()]),
  );
  return new Map(
    fragments.map((fragment) => [
      fragment.topicHash,
      {
        name: overloaded.has(fragment.name) ? fragment.format() : fragment.name,
        readArgs: argsReader(fragment),
      },
    ]),
  );
}

/** `abi` is a list of ABI entries, or one or more files with one; `events` are signatures as Solidity writes them. */
function readAbi(
  { abi = [], events = [] }: Entry,
  readJson: (file: string) => unknown,
  problems: string[],
): Interface | undefined {
  const before = problems.length;
  const sources: unknown[] = Array.isArray(abi) || typeof abi === 'string' ? [abi].flat() : [];
  if (sources.length === 0 && !Array.isArray(abi))
    problems.push('has an abi that is neither a list nor a file');
  if (!Array.isArray(events)) problems.push('has events that are not a list of signatures');
  const parts = [
    ...sources.flatMap((source) =>
      typeof source === 'string' ? abiOfFile(source, readJson, problems) : [source],
    ),
    ...(Array.isArray(events) ? (events as unknown[]) : []),
  ];
  if (problems.length > before) return undefined;
  try {
    return new Interface(parts.flatMap(eventPart));
  } catch (error) {
    problems.push(`has an event that cannot be understood: ${(error as Error).message.split(' (')[0]}`);
    return undefined;
  }
}

/** The ABI of a file, which may be an artifact of a compiler. */
function abiOfFile(file: string, readJson: (file: string) => unknown, problems: string[]): unknown[] {
  try {
    const content = readJson(file);
    const list = Array.isArray(content) ? content : (content as { abi?: unknown } | null)?.abi;
    if (Array.isArray(list)) return list;
    problems.push(`names the abi ${file}, which is neither an ABI nor an artifact with one`);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    problems.push(`names the abi ${file}, which cannot be read (${reason})`);
  }
  return [];
}

/** What is an event, checked here: a library that meets a fragment it does not understand leaves it out silently. */
function eventPart(part: unknown): EventFragment[] {
  const isOther = typeof part === 'object' && (part as { type?: unknown } | null)?.type !== 'event';
  return isOther ? [] : [EventFragment.from(part)];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function doubles(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
