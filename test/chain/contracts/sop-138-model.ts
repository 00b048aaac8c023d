import * as fc from 'fast-check';
import { day, exitDelay, type Person, type Role } from './sop-138-kit.ts';

/** What the operations should do, told once more and in the plainest way. */
export interface Model {
  now: number;
  mode: 'running' | 'paused' | 'emergency';
  exitReadyAt: number;
  readonly holders: Record<Role, Set<Person>>;
  codeApproved: boolean;
  registered: boolean;
  /** Limits of `work`; undefined while it is not allowed. */
  allowed: { readonly calls: number; readonly window: number; readonly validated: boolean } | undefined;
  /** The second at which all calls will have come back. */
  busyUntil: number;
  /** Ends of validations, by what `callName` makes of a call. */
  readonly validations: Map<string, number>;
  ether: number;
  done: number;
}

/** One step of a sequence, by someone. */
export type Command = { readonly by: Person } & (
  | { kind: 'pause' | 'unpause' | 'enter' | 'beginExit' | 'cancelExit' | 'exit' | 'clear' }
  | { kind: 'authorize' | 'revokeCode' | 'register' | 'remove' | 'forbid' }
  | { kind: 'allow'; calls: number; window: number; validated: boolean }
  | { kind: 'execute'; amount: number; value: number }
  | { kind: 'validate'; amount: number; value: number; seconds: number }
  | { kind: 'revokeValidation'; amount: number; value: number }
  | { kind: 'recover'; amount: number }
  | { kind: 'grant'; role: Role; to: Person }
  | { kind: 'take'; role: Role; to: Person }
  | { kind: 'wait'; seconds: number }
);

/** What a step must lead to: the name of an error, or a change of the model. */
export type Expectation = { readonly refusal: string } | { readonly apply: () => void };

/** The people who may come to hold a role in a sequence. */
export const players = [
  'admin',
  'authority',
  'registrar',
  'validator',
  'pauser',
  'guardian',
  'operator',
] as const;

const roleOf: Readonly<Partial<Record<Command['kind'], Role>>> = {
  pause: 'pauser',
  unpause: 'unpauser',
  enter: 'emergency',
  beginExit: 'admin',
  exit: 'admin',
  clear: 'validator',
  authorize: 'authority',
  revokeCode: 'authority',
  register: 'registrar',
  remove: 'authority',
  forbid: 'authority',
  allow: 'authority',
  validate: 'validator',
  revokeValidation: 'validator',
  recover: 'recovery',
  grant: 'admin',
  take: 'admin',
};

/** What each step needs beside its role, in the contract's order, and what it does. */
export function expectation(model: Model, step: Command): Expectation {
  if ((step.kind === 'grant' || step.kind === 'take') && step.role === 'admin')
    return refuse('AccessControlEnforcedDefaultAdminRules');
  const role = roleOf[step.kind];
  if (role !== undefined && !model.holders[role].has(step.by))
    return refuse('AccessControlUnauthorizedAccount');
  const stopped = model.mode === 'emergency' && givingSteps.has(step.kind);
  if (stopped) return refuse('InEmergency');
  switch (step.kind) {
    case 'pause':
      if (model.mode !== 'running') return refuse('EnforcedPause');
      return apply(() => (model.mode = 'paused'));
    case 'unpause':
      if (model.mode === 'running') return refuse('ExpectedPause');
      return apply(() => (model.mode = 'running'));
    case 'enter':
      return apply(() => {
        model.mode = 'emergency';
        model.validations.clear();
      });
    case 'beginExit':
      if (model.mode !== 'emergency') return refuse('NotInEmergency');
      if (model.exitReadyAt !== 0) return refuse('ExitAlreadyBegun');
      return apply(() => (model.exitReadyAt = model.now + exitDelay));
    case 'cancelExit':
      if (!model.holders.emergency.has(step.by) && !model.holders.admin.has(step.by))
        return refuse('AccessControlUnauthorizedAccount');
      if (model.exitReadyAt === 0) return refuse('ExitNotBegun');
      return apply(() => (model.exitReadyAt = 0));
    case 'exit':
      if (model.exitReadyAt === 0) return refuse('ExitNotBegun');
      if (model.now < model.exitReadyAt) return refuse('ExitTooEarly');
      return apply(() => {
        model.mode = 'paused';
        model.exitReadyAt = 0;
      });
    case 'authorize':
      if (model.codeApproved) return refuse('CodeAlreadyAuthorized');
      return apply(() => (model.codeApproved = true));
    case 'revokeCode':
      if (!model.codeApproved) return refuse('NoCode');
      return apply(() => (model.codeApproved = false));
    case 'register':
      if (!model.codeApproved) return refuse('CodeNotAuthorized');
      if (model.registered) return refuse('AlreadyRegistered');
      return apply(() => (model.registered = true));
    case 'remove':
      if (!model.registered) return refuse('NotRegistered');
      return apply(() => (model.registered = false));
    case 'forbid':
      if (model.allowed === undefined) return refuse('NotAllowed');
      return apply(() => (model.allowed = undefined));
    case 'allow':
      if (!model.registered) return refuse('NotRegistered');
      if (!model.codeApproved) return refuse('CodeNotAuthorized');
      if (step.calls === 0) return refuse('BadLimits');
      return apply(() => {
        model.allowed = step;
        model.busyUntil = 0;
      });
    case 'execute':
      return execution(model, step);
    case 'validate':
      if (step.seconds === 0 || step.seconds > day) return refuse('BadValidity');
      return apply(() => model.validations.set(callName(step), model.now + step.seconds));
    case 'revokeValidation':
      if (!model.validations.has(callName(step))) return refuse('NotValidated');
      return apply(() => model.validations.delete(callName(step)));
    case 'clear':
      return apply(() => model.validations.clear());
    case 'recover':
      if (model.mode !== 'emergency') return refuse('NotInEmergency');
      if (step.amount > model.ether) return refuse('InsufficientBalance');
      return apply(() => (model.ether -= step.amount));
    case 'grant':
      if (step.role === 'authority' && step.to !== 'authority') return refuse('NotAContract');
      return apply(() => model.holders[step.role].add(step.to));
    case 'take':
      return apply(() => model.holders[step.role].delete(step.to));
    case 'wait':
      return apply(() => undefined);
  }
}

/** Limits on amount and ether are as the kit's; the rest is the model's. */
function execution(model: Model, step: Extract<Command, { kind: 'execute' }>): Expectation {
  const { allowed } = model;
  if (model.mode !== 'running') return refuse('EnforcedPause');
  if (allowed === undefined) return refuse('NotAllowed');
  if (!model.holders.operator.has(step.by)) return refuse('AccessControlUnauthorizedAccount');
  if (!model.registered) return refuse('NotRegistered');
  if (!model.codeApproved) return refuse('CodeNotAuthorized');
  if (step.value > 100) return refuse('AboveValue');
  if (step.amount > 1_000) return refuse('AboveAmount');
  if (allowed.validated && (model.validations.get(callName(step)) ?? 0) < model.now)
    return refuse('NotValidated');
  if (callsLeft(model) === 0) return refuse('TooManyCalls');
  return apply(() => {
    model.busyUntil = Math.max(model.busyUntil, model.now) + allowed.window / allowed.calls;
    model.ether -= step.value;
    model.done += step.amount;
  });
}

function callName({ amount, value }: { readonly amount: number; readonly value: number }): string {
  return `${amount} with ${value}`;
}

/** Each call keeps a share of the window busy; what is left of it counts in whole calls. */
export function callsLeft(model: Model): number {
  if (model.allowed === undefined) return 0;
  const { calls, window } = model.allowed;
  const free = window - Math.max(0, model.busyUntil - model.now);
  return Math.floor((free * calls) / window + 1e-9);
}

const givingSteps: ReadonlySet<Command['kind']> = new Set([
  ...(['authorize', 'register', 'allow', 'validate', 'unpause', 'enter'] as const),
]);

function refuse(refusal: string): Expectation {
  return { refusal };
}

function apply(change: () => unknown): Expectation {
  return { apply: () => void change() };
}

// Few enough that an operation meets its validation.
const amount = fc.constantFrom(1, 2, 2, 2, 1_000, 1_001);
const value = fc.constantFrom(0, 1, 1, 1, 100, 101);
const role = fc.constantFrom<Role>(
  'pauser',
  'unpauser',
  'emergency',
  'recovery',
  'operator',
  'authority',
  'admin',
);
const to = fc.constantFrom(...players);

/** Sequences of 20 to 40 steps, mostly by people who may. */
export const anySteps: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    step(30, 'execute', ['operator'], { amount, value }),
    step(6, 'validate', ['validator'], {
      amount,
      value,
      seconds: fc.constantFrom(60, 3_600, day, 0, day + 1),
    }),
    step(2, 'revokeValidation', ['validator'], { amount, value }),
    step(1, 'clear', ['validator'], {}),
    step(5, 'allow', ['authority'], {
      calls: fc.constantFrom(1, 2, 4, 10, 0),
      window: fc.constantFrom(120, 3_600),
      validated: fc.boolean(),
    }),
    step(2, 'forbid', ['authority'], {}),
    step(2, 'revokeCode', ['authority'], {}),
    step(4, 'authorize', ['authority'], {}),
    step(2, 'remove', ['authority'], {}),
    step(4, 'register', ['registrar'], {}),
    step(3, 'pause', ['pauser'], {}),
    step(7, 'unpause', ['admin'], {}),
    step(2, 'enter', ['guardian'], {}),
    step(5, 'beginExit', ['admin'], {}),
    step(1, 'cancelExit', ['guardian', 'admin'], {}),
    step(5, 'exit', ['admin'], {}),
    step(3, 'recover', ['admin'], { amount }),
    step(4, 'grant', ['admin'], { role, to }),
    step(2, 'take', ['admin'], { role, to }),
    step(8, 'wait', ['admin'], { seconds: fc.constantFrom(10, 60, 1_000, exitDelay) }),
  ),
  { minLength: 20, maxLength: 40, size: 'max' },
);

const plain = { by: 'operator', kind: 'execute', amount: 2, value: 1 } as const;
const oneCall = { by: 'authority', kind: 'allow', calls: 1, window: 120, validated: false } as const;

/** A sequence in which every kind of step works, and many are refused: chance alone might leave one out. */
export const tour: Command[] = [
  plain,
  oneCall,
  { ...plain, by: 'admin' },
  { ...plain, value: 101 },
  { ...plain, amount: 1_001 },
  plain,
  plain,
  { ...oneCall, validated: true },
  plain,
  { by: 'validator', kind: 'validate', amount: 2, value: 1, seconds: 3_600 },
  plain,
  { by: 'validator', kind: 'revokeValidation', amount: 2, value: 1 },
  { by: 'validator', kind: 'clear' },
  { by: 'pauser', kind: 'pause' },
  plain,
  { by: 'admin', kind: 'unpause' },
  { by: 'admin', kind: 'recover', amount: 3 },
  { by: 'validator', kind: 'validate', amount: 2, value: 1, seconds: 3_600 },
  { by: 'guardian', kind: 'enter' },
  { by: 'validator', kind: 'revokeValidation', amount: 2, value: 1 },
  { by: 'authority', kind: 'authorize' },
  { by: 'admin', kind: 'recover', amount: 3 },
  { by: 'admin', kind: 'beginExit' },
  { by: 'guardian', kind: 'cancelExit' },
  { by: 'admin', kind: 'beginExit' },
  { by: 'admin', kind: 'exit' },
  { by: 'admin', kind: 'wait', seconds: exitDelay },
  { by: 'admin', kind: 'exit' },
  { by: 'admin', kind: 'grant', role: 'authority', to: 'admin' },
  { by: 'admin', kind: 'grant', role: 'pauser', to: 'guardian' },
  { by: 'admin', kind: 'take', role: 'pauser', to: 'guardian' },
  { by: 'authority', kind: 'forbid' },
  { by: 'authority', kind: 'remove' },
  { by: 'authority', kind: 'revokeCode' },
  { by: 'registrar', kind: 'register' },
  { by: 'authority', kind: 'authorize' },
  { by: 'registrar', kind: 'register' },
];

type Kind = Command['kind'];
type Details<K extends Kind> = Omit<Extract<Command, { kind: K }>, 'kind' | 'by'>;

/** Steps of one kind, as often as their weight says; five times out of six by someone who should. */
function step<K extends Kind>(
  weight: number,
  kind: K,
  usual: readonly Person[],
  details: { [D in keyof Details<K>]: fc.Arbitrary<Details<K>[D]> },
): fc.WeightedArbitrary<Command> {
  const by = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...usual) }, to);
  const arbitrary = fc.record({
    kind: fc.constant(kind),
    by,
    ...details,
  }) as unknown as fc.Arbitrary<Command>;
  return { weight, arbitrary };
}
