import { ZeroAddress } from 'ethers';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { day, openStage, type Person, type Stage } from './coinestate-kit.ts';
import { anySteps, expectation, players, tour, type Command, type Model } from './coinestate-model.ts';

const stage: Stage = await openStage();
const { chain, who } = stage;
const reached = new Set<string>();
let rewind: () => Promise<void>;

beforeAll(async () => {
  rewind = await chain.checkpoint();
});
afterAll(() => chain.stop());

function newModel(now: number): Model {
  const checked = ['holder', 'buyer', 'newKey'] as const;
  return {
    now,
    paused: false,
    checks: new Map(checked.map((player) => [player, stage.checkedUntil])),
    owners: new Map([[1, 'holder']]),
    recoveries: new Map(),
  };
}

/** A step as a call of the token; undefined where it is not called. */
function callOf(model: Model, step: Command): [Person, string, unknown[]] | undefined {
  switch (step.kind) {
    case 'allow':
      return ['clerk', 'allow', [[who[step.who]], model.now + step.days * day]];
    case 'disallow':
      return ['clerk', 'disallow', [[who[step.who]]]];
    case 'mint':
      return ['minter', 'mint', [who[step.to], step.id, `ipfs://${step.id}`]];
    case 'move':
      return [step.by, 'transferFrom', [who[model.owners.get(step.id) ?? step.by], who[step.to], step.id]];
    case 'begin':
      return ['recoverer', 'beginRecovery', [step.id, who[step.to]]];
    case 'object':
      return [step.by, 'cancelRecovery', [step.id]];
    case 'finish':
      return ['recoverer', 'finishRecovery', [step.id]];
    case 'pause':
      return ['pauser', 'pause', []];
    case 'unpause':
      return ['admin', 'unpause', []];
    case 'wait':
      return undefined;
  }
}

/** Runs one step on both sides; they must agree on whether it works and on the error. */
async function perform(model: Model, step: Command): Promise<void> {
  model.now += step.kind === 'wait' ? step.seconds : 1;
  const expected = expectation(model, step);
  const call = callOf(model, step);
  if ('refusal' in expected) {
    if (call === undefined) throw new Error(`${step.kind} cannot be refused`);
    await chain.mineAt(model.now);
    expect((await stage.refused(...call)).split('(')[0]).toBe(expected.refusal);
    reached.add(expected.refusal);
    return;
  }
  if (call === undefined) {
    await chain.mineAt(model.now);
  } else {
    await chain.rpc('evm_setNextBlockTimestamp', [model.now]);
    await stage.act(...call);
  }
  expected.apply();
  reached.add(step.kind);
}

async function compare(model: Model): Promise<void> {
  expect(await stage.ask('paused')).toBe(model.paused);
  expect(await stage.ask('minted')).toBe(BigInt(model.owners.size));
  for (const player of players) {
    const shares = [...model.owners.values()].filter((owner) => owner === player).length;
    expect(await stage.ask('balanceOf', who[player])).toBe(BigInt(shares));
    expect(await stage.ask('isAllowed', who[player])).toBe((model.checks.get(player) ?? 0) >= model.now);
  }
  for (const [id, owner] of model.owners) {
    const recovery = model.recoveries.get(id);
    expect(await stage.ask('ownerOf', id)).toBe(who[owner]);
    expect(await stage.ask('recoveryOf', id)).toEqual(
      recovery === undefined ? [ZeroAddress, 0n] : [who[recovery.to], BigInt(recovery.readyAt)],
    );
  }
}

/** What must have come up somewhere in the sequences, or they prove little. */
const mustComeUp = [
  ...new Set(tour.map(({ kind }) => kind as string)),
  ...['BadTerm', 'NoSuchShare', 'EnforcedPause', 'ExpectedPause', 'HolderNotAllowed', 'ERC721InvalidSender'],
  ...['ERC721NonexistentToken', 'ERC721InsufficientApproval', 'RecoveryAlreadyBegun', 'RecoveryNotBegun'],
  ...['RecoveryTooEarly', 'MayNotCancel'],
];

describe('any sequence of steps', () => {
  it('ends as the model says, step by step', async () => {
    const property = fc.asyncProperty(anySteps, async (steps) => {
      await rewind();
      const model = newModel(await chain.now());
      for (const step of steps) await perform(model, step);
      await compare(model);
    });
    await fc.assert(property, { numRuns: 60, examples: [[tour]] });
    expect(mustComeUp.filter((name) => !reached.has(name))).toEqual([]);
  }, 180_000);
});
