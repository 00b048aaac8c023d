import { MaxUint256 } from 'ethers';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testSource, type Deployed, type Mined } from './chain-kit.ts';
import { day, emergencyDelay, ether, openStage, State, type Person, type Stage } from './escrow-kit.ts';
import {
  accountOf,
  expectation,
  gain,
  gainOf,
  heldIn,
  idOf,
  newModel,
  nonceOf,
  shownExpiry,
  type Command,
  type Model,
  type World,
} from './escrow-model.ts';
import { anySteps, tour } from './escrow-sequences.ts';

let stage: Stage;
let world: World;
let tokens: Deployed[];
let rude: Deployed;
let inspector: Deployed;
let rewind: () => Promise<void>;
const reached = new Map<string, number>();

beforeAll(async () => {
  stage = await openStage();
  const { chain, escrow, who } = stage;
  rude = await chain.deploy(testSource('Actors'), 'Actor', [who.stranger]);
  inspector = await chain.deploy(testSource('Actors'), 'Inspector');
  tokens = [stage.token, await stage.newToken('FeeToken'), await stage.newToken('SilentToken')];
  // The rude contract acts by itself, so that it pays and is paid as any other account.
  await chain.rpc('anvil_autoImpersonateAccount', [true]);
  await chain.rpc('anvil_setBalance', [rude.address, 10n ** 21n]);
  for (const token of tokens) {
    await chain.send(who.deployer, token, 'mint', [rude.address, 1_000_000n]);
    await chain.send(rude.address, token, 'approve', [escrow.address, MaxUint256]);
  }
  world = {
    escrow: escrow.address,
    arbiter: who.arbiter,
    admin: who.admin,
    payers: [who.payer, who.otherPayer, rude.address],
    payees: [who.payee, who.otherPayee, rude.address],
    rude: rude.address,
    tokens: [ether, ...tokens.map((token) => token.address)],
    feeToken: tokens[1]?.address ?? '',
    emergencyDelay,
    maxTerm: 366 * day,
  };
  rewind = await chain.checkpoint();
});
afterAll(() => stage.chain.stop());

/** A step as a call of the escrow: who, what, with which ether. Undefined where the escrow is not called. */
interface Call {
  readonly as: string;
  readonly fn: string;
  readonly args: readonly unknown[];
  readonly value?: bigint;
}

async function callOf(model: Model, step: Command): Promise<Call | undefined> {
  const { who } = stage;
  switch (step.kind) {
    case 'deposit': {
      const as = world.payers[step.payer] ?? '';
      const payee = world.payees[step.payee] ?? as;
      const expiry = model.now + step.term;
      return step.token === 0
        ? { as, fn: 'depositEther', args: [payee, expiry], value: step.amount }
        : { as, fn: 'depositToken', args: [world.tokens[step.token], step.amount, payee, expiry] };
    }
    case 'decide': {
      const id = idOf(model, step.which);
      const fn = step.decision.toLowerCase();
      return { as: who.relay, fn, args: [id, await signatureOf(model, step, id)] };
    }
    case 'reclaim':
    case 'extend':
    case 'cancel': {
      const id = idOf(model, step.which);
      const as = accountOf(model, id, step.by);
      if (step.kind === 'reclaim') return { as, fn: 'reclaim', args: [id] };
      if (step.kind === 'cancel') return { as, fn: 'cancelSignatures', args: [id] };
      const deposit = model.deposits[id - 1];
      return { as, fn: 'extend', args: [id, (deposit?.expiry ?? 0) + step.more] };
    }
    case 'withdrawCredit':
      return { as: rude.address, fn: 'withdrawCredit', args: [world.payees[step.to]] };
    case 'pause':
      return { as: who.pauser, fn: 'pause', args: [] };
    case 'unpause':
      return { as: who.admin, fn: 'unpause', args: [] };
    case 'emergency': {
      const ids = step.which.map((one) => idOf(model, one));
      return { as: accountOf(model, ids[0] ?? 0, step.by), fn: 'emergencyWithdraw', args: [ids] };
    }
    case 'recover':
      return {
        as: who.admin,
        fn: 'recoverSurplus',
        args: [world.tokens[step.token], world.payees[0], step.amount],
      };
    case 'accident':
    case 'mood':
    case 'wait':
      return undefined;
  }
}

async function signatureOf(
  model: Model,
  { decision, signer: voice, flaw: wrong }: Extract<Command, { kind: 'decide' }>,
  id: number,
): Promise<unknown> {
  const signer = accountOf(model, id, voice);
  const people = Object.keys(stage.who) as Person[];
  // The rude contract signs with the key of its owner, the stranger.
  const owner = people.find((person) => stage.who[person] === signer) ?? 'stranger';
  const key = wrong === "another's key" ? 'relay' : owner;
  const nonce = nonceOf(model, id, signer) + (wrong === 'used nonce' ? -1n : 0n);
  const deadline = BigInt(model.now - (wrong === 'past deadline' ? 1 : 0));
  // Nonce -1 of deposit 0 is no number; such a deposit is refused before its nonce is looked at.
  const signed = { id: BigInt(id), nonce: nonce < 0n ? 0n : nonce, deadline };
  return stage.sign(signer, decision, BigInt(id), { signed, key });
}

/** Does in the world what no call of the escrow does. */
async function doElsewhere(step: Command): Promise<void> {
  const { chain, escrow, who } = stage;
  if (step.kind === 'mood') await chain.send(who.deployer, rude, 'behave', [step.refusing ? 1 : 0]);
  if (step.kind !== 'accident') return;
  const token = tokens[step.token - 1];
  if (token === undefined) await chain.deploy(testSource('Actors'), 'Feeder', [escrow.address], step.amount);
  else await chain.send(who.deployer, token, 'mint', [escrow.address, step.amount]);
}

/** Runs one step on both sides; they must agree on whether it works and on the error. */
async function perform(model: Model, step: Command): Promise<void> {
  const { chain, escrow } = stage;
  model.now += 1;
  const expected = expectation(model, step);
  const call = await callOf(model, step);
  if ('refusal' in expected) {
    if (call === undefined) throw new Error(`${step.kind} cannot be refused`);
    await chain.mineAt(model.now);
    const refusal = await chain.refusal(call.as, escrow, call.fn, call.args, { value: call.value ?? 0n });
    expect(refusal.split('(')[0]).toBe(expected.refusal);
    reached.set(expected.refusal, (reached.get(expected.refusal) ?? 0) + 1);
    return;
  }
  if (step.kind !== 'wait') await chain.rpc('evm_setNextBlockTimestamp', [model.now]);
  let mined: Mined | undefined;
  if (call === undefined) await doElsewhere(step);
  else mined = await chain.send(call.as, escrow, call.fn, call.args, { value: call.value ?? 0n });
  expected.apply();
  if (step.kind === 'wait') await chain.mineAt(model.now);
  if (call !== undefined && mined !== undefined) gain(model, ether, call.as, -mined.fee);
  const name = step.kind === 'decide' ? step.decision : step.kind;
  reached.set(name, (reached.get(name) ?? 0) + 1);
}

/** What everybody has, the escrow last, token by token. */
async function purses(): Promise<bigint[][]> {
  const accounts = accountsOf();
  const [flat] = (await stage.chain.read(inspector, 'balances', world.tokens, accounts)) as unknown as [
    bigint[],
  ];
  return world.tokens.map((_, index) => [
    ...flat.slice(index * accounts.length, (index + 1) * accounts.length),
  ]);
}

const accountsOf = (): string[] => [...new Set([...world.payers, ...world.payees, world.escrow])];

interface Sums {
  readonly balance: bigint;
  readonly held: bigint;
  readonly surplus: bigint;
  readonly shortfall: bigint;
}

/** Money in equals money out plus held, for ether and every token; and all accounts have what they should. */
async function compareMoney(model: Model, start: readonly bigint[][]): Promise<void> {
  const [[sums], now] = await Promise.all([
    stage.chain.read(inspector, 'sums', stage.escrow.address, world.tokens) as unknown as Promise<[Sums[]]>,
    purses(),
  ]);
  for (const [index, address] of world.tokens.entries()) {
    const { balance, held, surplus, shortfall } = sums[index] as Sums;
    expect(held, 'held is what belongs to somebody').toBe(heldIn(model, address));
    expect(balance, 'money in less money out').toBe(gainOf(model, address, world.escrow));
    expect(balance, 'covers what is held').toBeGreaterThanOrEqual(held);
    expect([surplus, shortfall]).toEqual([balance - held, 0n]);
    const gains = accountsOf().map((account) => gainOf(model, address, account));
    expect(now[index]?.map((wei, account) => wei - (start[index]?.[account] ?? 0n))).toEqual(gains);
  }
}

async function compareDeposits(model: Model): Promise<void> {
  for (const [index, deposit] of model.deposits.entries()) {
    const { state, ...rest } = deposit;
    expect(await stage.depositOf(BigInt(index + 1))).toEqual({
      ...rest,
      state: State[state],
      expiry: BigInt(shownExpiry(model, deposit)),
    });
  }
}

/** Whatever happened before: once paused, every payer gets its money out by itself, and every creditor too. */
async function everyoneLeaves(model: Model): Promise<void> {
  if (model.pausedAt === undefined) await perform(model, { kind: 'pause' });
  for (const seconds of [0, emergencyDelay]) {
    await perform(model, { kind: 'wait', seconds });
    const latest = model.deposits.length - 1;
    for (const [index, deposit] of model.deposits.entries()) {
      if (deposit.state === 'Held')
        await perform(model, { kind: 'emergency', which: [latest - index], by: 'payer' });
    }
  }
  if (model.credits.size > 0) await perform(model, { kind: 'withdrawCredit', to: 0 });
}

/** What must have worked somewhere in the sequences, or they prove little. */
const mustWork = [
  ...['deposit', 'Release', 'Refund', 'reclaim', 'extend', 'cancel', 'withdrawCredit'],
  ...['pause', 'unpause', 'emergency', 'recover'],
];

describe('any sequence of steps', () => {
  it('keeps money in equal to money out plus held, and lets everyone leave in the end', async () => {
    const property = fc.asyncProperty(anySteps, async (steps) => {
      await rewind();
      const model = newModel(world, await stage.chain.now());
      const start = await purses();
      for (const step of steps) {
        await perform(model, step);
        await compareMoney(model, start);
      }
      await compareDeposits(model);
      await everyoneLeaves(model);
      await compareMoney(model, start);
      for (const address of world.tokens) expect(heldIn(model, address)).toBe(0n);
    });
    await fc.assert(property, { numRuns: 50, examples: [[tour]] });
    expect(mustWork.filter((name) => !reached.has(name))).toEqual([]);
  }, 180_000);
});
