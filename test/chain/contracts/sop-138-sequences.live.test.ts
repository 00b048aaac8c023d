import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  holds,
  openStage,
  roles,
  workLimits,
  Mode,
  type Person,
  type Role,
  type Stage,
} from './sop-138-kit.ts';
import { anySteps, callsLeft, expectation, tour, type Command, type Model } from './sop-138-model.ts';

const stage: Stage = await openStage();
const { chain, operations, machine, work, who } = stage;
const hash = await stage.codeHash(machine);
const reached = new Set<string>();
let rewind: () => Promise<void>;

beforeAll(async () => {
  rewind = await chain.checkpoint();
});
afterAll(() => chain.stop());

function newModel(now: number): Model {
  const holders = Object.fromEntries(
    (Object.keys(roles) as Role[]).map((role) => [role, new Set<Person>()]),
  ) as Model['holders'];
  for (const [person, held] of Object.entries(holds))
    for (const role of held) holders[role].add(person as Person);
  return {
    ...{ now, mode: 'running', exitReadyAt: 0, holders, codeApproved: true, registered: true },
    ...{ allowed: undefined, busyUntil: 0, validations: new Map<string, number>(), ether: 10_000, done: 0 },
  };
}

/** A step as a call of the contract; undefined where it is not called. */
async function callOf(model: Model, step: Command): Promise<[string, unknown[]] | undefined> {
  const callHash = ({ amount, value }: { amount: number; value: number }): Promise<string> =>
    stage.ask('callHash', ...stage.working(BigInt(amount), BigInt(value)));
  switch (step.kind) {
    case 'wait':
      return undefined;
    case 'pause':
    case 'unpause':
      return [step.kind, []];
    case 'enter':
      return ['enterEmergency', ['a drill']];
    case 'beginExit':
      return ['beginEmergencyExit', []];
    case 'cancelExit':
      return ['cancelEmergencyExit', []];
    case 'exit':
      return ['exitEmergency', []];
    case 'clear':
      return ['clearValidations', []];
    case 'authorize':
      return ['authorizeCode', [hash]];
    case 'revokeCode':
      return ['revokeCode', [hash]];
    case 'register':
      return ['registerDeployment', [machine.address]];
    case 'remove':
      return ['removeDeployment', [machine.address]];
    case 'forbid':
      return ['removeOperation', [machine.address, work]];
    case 'allow': {
      const { calls, window, validated } = step;
      return ['allowOperation', [machine.address, work, { ...workLimits, calls, window, validated }]];
    }
    case 'execute':
      return ['execute', stage.working(BigInt(step.amount), BigInt(step.value))];
    case 'validate':
      return ['validate', [await callHash(step), model.now + step.seconds]];
    case 'revokeValidation':
      return ['revokeValidation', [await callHash(step)]];
    case 'recover':
      return ['recoverEther', [step.amount]];
    case 'grant':
      return ['grantRole', [roles[step.role], who[step.to]]];
    case 'take':
      return ['revokeRole', [roles[step.role], who[step.to]]];
  }
}

/** Runs one step on both sides; they must agree on whether it works and on the error. */
async function perform(model: Model, step: Command): Promise<void> {
  model.now += step.kind === 'wait' ? step.seconds : 1;
  const expected = expectation(model, step);
  const call = await callOf(model, step);
  if ('refusal' in expected) {
    if (call === undefined) throw new Error(`${step.kind} cannot be refused`);
    await chain.mineAt(model.now);
    const refusal = await chain.refusal(who[step.by], operations, ...call);
    expect(refusal.split('(')[0]).toBe(expected.refusal);
    reached.add(expected.refusal);
    return;
  }
  if (call === undefined) {
    await chain.mineAt(model.now);
  } else {
    await chain.rpc('evm_setNextBlockTimestamp', [model.now]);
    await chain.send(who[step.by], operations, ...call);
  }
  expected.apply();
  reached.add(step.kind);
}

async function compare(model: Model): Promise<void> {
  const modes = { running: Mode.Running, paused: Mode.Paused, emergency: Mode.Emergency };
  const seen = await Promise.all([
    stage.ask('mode'),
    stage.ask('paused'),
    stage.ask('exitReadyAt'),
    stage.ask('isCallable', machine.address),
    stage.ask('callsLeft', machine.address, work),
    chain.balance(operations.address),
    chain.read(machine, 'done').then(([done]) => done as unknown),
  ]);
  expect(seen).toEqual([
    modes[model.mode],
    model.mode !== 'running',
    BigInt(model.exitReadyAt),
    model.registered && model.codeApproved,
    BigInt(callsLeft(model)),
    BigInt(model.ether),
    BigInt(model.done),
  ]);
}

async function compareRoles(model: Model): Promise<void> {
  const held = Object.entries(model.holders).filter(([, people]) => people.size > 0);
  expect([...(await stage.ask<string[]>('heldRoles'))].sort()).toEqual(
    held.map(([role]) => roles[role as Role]).sort(),
  );
  for (const [role, people] of held) {
    const members = await stage.ask<string[]>('getRoleMembers', roles[role as Role]);
    expect([...members].sort()).toEqual([...people].map((person) => who[person]).sort());
  }
}

/** What must have come up somewhere in the sequences, or they prove little. */
const mustComeUp = [
  ...new Set(tour.map(({ kind }) => kind as string)),
  ...['AccessControlUnauthorizedAccount', 'EnforcedPause', 'InEmergency', 'NotInEmergency', 'ExitTooEarly'],
  ...[
    'NotValidated',
    'TooManyCalls',
    'NotAllowed',
    'AboveValue',
    'AboveAmount',
    'CodeNotAuthorized',
    'NotAContract',
  ],
];

describe('any sequence of steps', () => {
  it('ends as the model says, step by step', async () => {
    const property = fc.asyncProperty(anySteps, async (steps) => {
      await rewind();
      const model = newModel(await chain.now());
      for (const step of steps) {
        await perform(model, step);
        await compare(model);
      }
      await compareRoles(model);
    });
    await fc.assert(property, { numRuns: 50, examples: [[tour]] });
    expect(mustComeUp.filter((name) => !reached.has(name))).toEqual([]);
  }, 180_000);
});
