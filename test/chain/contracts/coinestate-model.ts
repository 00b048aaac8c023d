import * as fc from 'fast-check';
import { day, recoveryDelay } from './coinestate-kit.ts';

/** Addresses that a sequence plays with. */
export const players = ['holder', 'buyer', 'newKey', 'stranger'] as const;
export type Player = (typeof players)[number];

/** What the token should do, told once more and in the plainest way. */
export interface Model {
  now: number;
  paused: boolean;
  /** Ends of identity checks. */
  readonly checks: Map<Player, number>;
  readonly owners: Map<number, Player>;
  readonly recoveries: Map<number, { readonly to: Player; readonly readyAt: number }>;
}

/** One step of a sequence; operators are who they should be, whom the test of access covers. */
export type Command =
  | { kind: 'allow'; who: Player; days: number }
  | { kind: 'disallow'; who: Player }
  | { kind: 'mint'; to: Player; id: number }
  | { kind: 'move'; by: Player; to: Player; id: number }
  | { kind: 'begin'; to: Player; id: number }
  | { kind: 'object'; by: Player | 'recoverer'; id: number }
  | { kind: 'finish'; id: number }
  | { kind: 'pause' }
  | { kind: 'unpause' }
  | { kind: 'wait'; seconds: number };

/** What a step must lead to: the name of an error, or a change of the model. */
export type Expectation = { readonly refusal: string } | { readonly apply: () => void };

/** What each step needs, in the contract's order, and what it does. */
export function expectation(model: Model, step: Command): Expectation {
  const allowed = (who: Player): boolean => (model.checks.get(who) ?? 0) >= model.now;
  switch (step.kind) {
    case 'allow':
      if (step.days === 0) return refuse('BadTerm');
      return apply(() => model.checks.set(step.who, model.now + step.days * day));
    case 'disallow':
      return apply(() => model.checks.delete(step.who));
    case 'mint': {
      const owner = model.owners.get(step.id);
      if (step.id > 3) return refuse('NoSuchShare');
      if (model.paused) return refuse('EnforcedPause');
      // Both sides are looked at before a share is found to be there already.
      if (!allowed(step.to)) return refuse('HolderNotAllowed');
      if (owner !== undefined) return refuse(allowed(owner) ? 'ERC721InvalidSender' : 'HolderNotAllowed');
      return apply(() => model.owners.set(step.id, step.to));
    }
    case 'move': {
      const owner = model.owners.get(step.id);
      if (model.paused) return refuse('EnforcedPause');
      if (owner === undefined) return refuse('ERC721NonexistentToken');
      if (owner !== step.by) return refuse('ERC721InsufficientApproval');
      if (!allowed(owner) || !allowed(step.to)) return refuse('HolderNotAllowed');
      return apply(() => {
        model.owners.set(step.id, step.to);
        model.recoveries.delete(step.id);
      });
    }
    case 'begin':
      if (model.paused) return refuse('EnforcedPause');
      if (!model.owners.has(step.id)) return refuse('ERC721NonexistentToken');
      if (!allowed(step.to)) return refuse('HolderNotAllowed');
      if (model.recoveries.has(step.id)) return refuse('RecoveryAlreadyBegun');
      return apply(() => model.recoveries.set(step.id, { to: step.to, readyAt: model.now + recoveryDelay }));
    case 'object': {
      const owner = model.owners.get(step.id);
      if (owner === undefined) return refuse('ERC721NonexistentToken');
      if (step.by !== 'recoverer' && (step.by !== owner || !allowed(owner))) return refuse('MayNotCancel');
      if (!model.recoveries.has(step.id)) return refuse('RecoveryNotBegun');
      return apply(() => model.recoveries.delete(step.id));
    }
    case 'finish': {
      const recovery = model.recoveries.get(step.id);
      if (model.paused) return refuse('EnforcedPause');
      if (recovery === undefined) return refuse('RecoveryNotBegun');
      if (model.now < recovery.readyAt) return refuse('RecoveryTooEarly');
      if (!allowed(recovery.to)) return refuse('HolderNotAllowed');
      return apply(() => {
        model.owners.set(step.id, recovery.to);
        model.recoveries.delete(step.id);
      });
    }
    case 'pause':
      return model.paused ? refuse('EnforcedPause') : apply(() => (model.paused = true));
    case 'unpause':
      return model.paused ? apply(() => (model.paused = false)) : refuse('ExpectedPause');
    case 'wait':
      return apply(() => undefined);
  }
}

function refuse(refusal: string): Expectation {
  return { refusal };
}

function apply(change: () => unknown): Expectation {
  return { apply: () => void change() };
}

const player = fc.constantFrom(...players);
// Mostly the first two shares, so that steps meet; 4 is none of the property's.
const id = fc.constantFrom(1, 1, 1, 2, 2, 3, 4);

/** Sequences of 20 to 40 steps, weighted so that most of them work and all refusals come up. */
export const anySteps: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    step(9, 'allow', { who: player, days: fc.constantFrom(0, 1, 8, 20, 90, 90) }),
    step(2, 'disallow', { who: player }),
    step(6, 'mint', { to: player, id }),
    step(20, 'move', { by: player, to: player, id }),
    step(9, 'begin', { to: player, id }),
    step(5, 'object', { by: fc.constantFrom(...players, 'recoverer' as const), id }),
    step(9, 'finish', { id }),
    step(1, 'pause', {}),
    step(4, 'unpause', {}),
    step(5, 'wait', { seconds: fc.constantFrom(60, day, recoveryDelay) }),
  ),
  { minLength: 20, maxLength: 40, size: 'max' },
);

/** A sequence in which every kind of step works and is refused: chance alone might leave one out. */
export const tour: Command[] = [
  { kind: 'allow', who: 'stranger', days: 0 },
  { kind: 'mint', to: 'stranger', id: 2 },
  { kind: 'allow', who: 'stranger', days: 90 },
  { kind: 'mint', to: 'stranger', id: 4 },
  { kind: 'move', by: 'stranger', to: 'buyer', id: 2 },
  { kind: 'mint', to: 'stranger', id: 2 },
  { kind: 'mint', to: 'stranger', id: 2 },
  { kind: 'move', by: 'holder', to: 'buyer', id: 2 },
  { kind: 'move', by: 'stranger', to: 'buyer', id: 2 },
  { kind: 'finish', id: 2 },
  { kind: 'begin', to: 'stranger', id: 2 },
  { kind: 'begin', to: 'stranger', id: 2 },
  { kind: 'object', by: 'holder', id: 2 },
  { kind: 'object', by: 'buyer', id: 2 },
  { kind: 'begin', to: 'stranger', id: 2 },
  { kind: 'disallow', who: 'buyer' },
  { kind: 'finish', id: 2 },
  { kind: 'wait', seconds: recoveryDelay },
  { kind: 'pause' },
  { kind: 'finish', id: 2 },
  { kind: 'unpause' },
  { kind: 'unpause' },
  { kind: 'finish', id: 2 },
];

type Kind = Command['kind'];
type Details<K extends Kind> = Omit<Extract<Command, { kind: K }>, 'kind'>;

function step<K extends Kind>(
  weight: number,
  kind: K,
  details: { [D in keyof Details<K>]: fc.Arbitrary<Details<K>[D]> },
): fc.WeightedArbitrary<Command> {
  const arbitrary = fc.record({ kind: fc.constant(kind), ...details }) as unknown as fc.Arbitrary<Command>;
  return { weight, arbitrary };
}
