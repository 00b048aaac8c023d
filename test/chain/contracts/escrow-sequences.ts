import * as fc from 'fast-check';
import { day, emergencyDelay } from './escrow-kit.ts';
import type { Command, Flaw, Voice } from './escrow-model.ts';

const which = fc.nat(30);
const token = often(1, fc.constant(0), fc.nat(3));
const amount = often(9, fc.bigInt(1n, 2_000n), fc.constant(0n));
const flaw = often(
  4,
  fc.constant<Flaw>('none'),
  fc.constantFrom<Flaw>('used nonce', 'past deadline', "another's key"),
);

/** Sequences of 20 to 40 steps, weighted so that most of them work and all refusals come up. */
export const anySteps: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    step(22, 'deposit', {
      token,
      payer: fc.nat(2),
      payee: often(9, fc.nat(2), fc.constant(3)),
      amount,
      term: often(9, fc.integer({ min: 1, max: day / 2 }), fc.constantFrom(0, 367 * day)),
    }),
    step(8, 'decide', { decision: fc.constant('Release'), which, signer: mostly('payer'), flaw }),
    step(8, 'decide', { decision: fc.constant('Refund'), which, signer: mostly('payee'), flaw }),
    step(12, 'reclaim', { which, by: mostly('payer') }),
    step(3, 'extend', {
      which,
      by: mostly('payer'),
      more: often(4, fc.integer({ min: 1, max: day }), fc.constantFrom(0, 366 * day)),
    }),
    step(3, 'cancel', { which, by: mostly('arbiter') }),
    step(5, 'withdrawCredit', { to: fc.nat(2) }),
    step(1, 'pause', {}),
    step(8, 'unpause', {}),
    step(3, 'emergency', { which: fc.array(which, { maxLength: 3 }), by: mostly('payer') }),
    step(6, 'recover', { token, amount: fc.bigInt(0n, 20n) }),
    step(4, 'accident', { token, amount: fc.bigInt(1n, 100n) }),
    step(2, 'mood', { refusing: often(2, fc.constant(true), fc.boolean()) }),
    step(5, 'wait', { seconds: often(4, fc.integer({ min: 1, max: day }), fc.constant(emergencyDelay)) }),
  ),
  { minLength: 20, maxLength: 40, size: 'max' },
);

const once = { which: 0, flaw: 'none' } as const;
const ofEther = { kind: 'deposit', token: 0, payer: 0, amount: 100n, term: 10 } as const;

/** A sequence in which every kind of step works: chance alone might leave one out. */
export const tour: Command[] = [
  { ...ofEther, payee: 0 },
  { kind: 'decide', decision: 'Release', signer: 'payer', ...once },
  { ...ofEther, token: 2, payee: 1 },
  { kind: 'decide', decision: 'Refund', signer: 'payee', ...once },
  { ...ofEther, payee: 0 },
  { kind: 'extend', which: 0, by: 'payer', more: day },
  { kind: 'cancel', which: 0, by: 'arbiter' },
  { kind: 'wait', seconds: 2 * day },
  { kind: 'reclaim', which: 0, by: 'payer' },
  { kind: 'mood', refusing: true },
  { ...ofEther, payee: 2 },
  { kind: 'decide', decision: 'Release', signer: 'arbiter', ...once },
  { kind: 'withdrawCredit', to: 1 },
  { kind: 'accident', token: 0, amount: 5n },
  { kind: 'recover', token: 0, amount: 5n },
  { ...ofEther, token: 3, payee: 1 },
  { kind: 'pause' },
  { kind: 'emergency', which: [0], by: 'admin' },
  { kind: 'unpause' },
];

type Kind = Command['kind'];
type Details<K extends Kind> = Omit<Extract<Command, { kind: K }>, 'kind'>;

/** Steps of one kind, as often as their weight says. */
function step<K extends Kind>(
  weight: number,
  kind: K,
  details: { [D in keyof Details<K>]: fc.Arbitrary<Details<K>[D]> },
): fc.WeightedArbitrary<Command> {
  const arbitrary = fc.record({ kind: fc.constant(kind), ...details }) as unknown as fc.Arbitrary<Command>;
  return { weight, arbitrary };
}

/** The first, `weight` times as often as the second. */
function often<T>(weight: number, first: fc.Arbitrary<T>, second: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: first }, second);
}

/** Usually the voice that may, sometimes any. */
function mostly(voice: Voice): fc.Arbitrary<Voice> {
  return often(3, fc.constant(voice), fc.constantFrom<Voice>('payer', 'payee', 'arbiter', 'admin'));
}
