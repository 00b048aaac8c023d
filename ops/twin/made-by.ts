import { CutoverError } from '@cutover/base/errors.ts';
import { playedNames } from './providers.ts';
import { twinMark } from './provider-config.ts';

/** The part of a stack's state that tells who made it: a checkpoint, or what `pulumi stack export` prints. */
export interface StateOfProviders {
  readonly resources?: readonly {
    readonly type: string;
    readonly inputs?: Readonly<Record<string, unknown>>;
  }[];
}

/** Who made the cloud resources of a state; `both` cannot be, short of a state that was put together by hand. */
export type Maker = 'twin' | 'real' | 'both' | 'nobody';

/** Tells whether a state was made by the twin or by the real providers that it plays. */
export function madeBy(state: StateOfProviders): Maker {
  const marks = new Set(providersOf(state).map(({ inputs }) => inputs?.[twinMark] !== undefined));
  if (marks.size === 2) return 'both';
  return marks.has(true) ? 'twin' : marks.has(false) ? 'real' : 'nobody';
}

/** Refuses a state that was made by the others: the twin would not find real resources, nor the reverse. */
export function refuseForeignState(stack: string, state: StateOfProviders, using: 'twin' | 'real'): void {
  const maker = madeBy(state);
  const foreign = using === 'twin' ? 'real' : 'twin';
  if (maker !== foreign && maker !== 'both') return;
  const provider = providersOf(state)
    .filter(({ inputs }) => (inputs?.[twinMark] === undefined) === (foreign === 'real'))
    .map(({ type }) => type.slice(prefix.length))
    .join(', ');
  throw new CutoverError(using === 'twin' ? 'CUT-5310' : 'CUT-5311', { stack, provider });
}

const prefix = 'pulumi:providers:';

function providersOf({ resources = [] }: StateOfProviders): NonNullable<StateOfProviders['resources']> {
  return resources.filter(
    ({ type }) => type.startsWith(prefix) && playedNames.includes(type.slice(prefix.length)),
  );
}
