import { ZeroAddress } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  day,
  maxTerm,
  meddlerSource,
  openStage,
  recoveryDelay,
  roles,
  told,
  type Person,
  type Stage,
} from './coinestate-kit.ts';

const stage: Stage = await openStage();
const { chain, token, who, checkedUntil } = stage;
let rewind: () => Promise<void>;

beforeAll(async () => {
  rewind = await chain.checkpoint();
});
beforeEach(() => rewind());
afterAll(() => chain.stop());

const move = (to: Person, as: Person = 'holder'): [Person, string, unknown[]] => [
  as,
  'transferFrom',
  [who.holder, who[to], 1n],
];
const owner = (): Promise<string> => stage.ask('ownerOf', 1n);

describe('identity checks', () => {
  it('let an address hold until their last second', async () => {
    const [alice, end] = [who.stranger, checkedUntil];
    expect(told(await stage.act('clerk', 'allow', [[alice], end]))).toEqual([
      `HolderAllowed(${alice}, ${end}, ${who.clerk})`,
    ]);
    await chain.mineAt(end);
    expect(await stage.ask('isAllowed', alice)).toBe(true);
    await chain.mineAt(end + 1);
    expect(await stage.ask('isAllowed', alice)).toBe(false);
    expect(await stage.ask('allowedUntil', alice)).toBe(BigInt(end));
  });

  it('are needed on both sides of a transfer, at that moment', async () => {
    expect(await stage.refused(...move('stranger'))).toBe(`HolderNotAllowed(${who.stranger})`);
    await stage.act(...move('buyer'));
    await stage.act('buyer', 'transferFrom', [who.buyer, who.holder, 1n]);
    await stage.act('clerk', 'disallow', [[who.holder]]);
    expect(await stage.refused(...move('buyer'))).toBe(`HolderNotAllowed(${who.holder})`);
    await stage.act('clerk', 'allow', [[who.holder], checkedUntil + day]);
    await chain.mineAt(checkedUntil + 1);
    expect(await stage.refused(...move('buyer'))).toBe(`HolderNotAllowed(${who.buyer})`);
    await stage.act('clerk', 'allow', [[who.buyer], checkedUntil + day]);
    await stage.act(...move('buyer'));
    expect(await owner()).toBe(who.buyer);
  });

  it('are not needed of whom a holder has sell for it', async () => {
    await stage.act('holder', 'approve', [who.stranger, 1n]);
    expect(await stage.refused(...move('stranger', 'stranger'))).toBe(`HolderNotAllowed(${who.stranger})`);
    await stage.act(...move('buyer', 'stranger'));
    expect(await owner()).toBe(who.buyer);
  });

  it('end within three years, and not in the past', async () => {
    for (const seconds of [0, -1, maxTerm + 1, 1_000 * maxTerm]) {
      const until = (await chain.now()) + seconds;
      expect(await stage.refused('clerk', 'allow', [[who.stranger], until]), String(seconds)).toContain(
        'BadTerm(',
      );
    }
    await stage.act('clerk', 'allow', [[who.stranger], (await chain.now()) + maxTerm]);
  });

  it('are given to all of a list or to none, and never to the zero address', async () => {
    const list = [who.stranger, ZeroAddress];
    expect(await stage.refused('clerk', 'allow', [list, checkedUntil])).toBe('ZeroAddress()');
    expect(await stage.ask('isAllowed', who.stranger)).toBe(false);
  });
});

describe('shares', () => {
  it('are made once each, with metadata that stays', async () => {
    expect(told(await stage.act('minter', 'mint', [who.buyer, 3n, 'ipfs://share-3']))).toEqual([
      'MetadataUpdate(3)',
      `Transfer(${ZeroAddress}, ${who.buyer}, 3)`,
    ]);
    expect([await stage.ask('ownerOf', 3n), await stage.ask('tokenURI', 3n)]).toEqual([
      who.buyer,
      'ipfs://share-3',
    ]);
    expect(await stage.refused('minter', 'mint', [who.holder, 3n, 'ipfs://other'])).toBe(
      `ERC721InvalidSender(${ZeroAddress})`,
    );
    expect([await stage.ask('tokenURI', 3n), await stage.ask('minted')]).toEqual(['ipfs://share-3', 2n]);
  });

  it.each([0n, 4n])('have numbers from 1 to the last: not %i', async (id) => {
    expect(await stage.refused('minter', 'mint', [who.buyer, id, 'ipfs://x'])).toBe(`NoSuchShare(${id}, 3)`);
  });

  it('have metadata and a first holder with an identity check', async () => {
    expect(await stage.refused('minter', 'mint', [who.buyer, 2n, ''])).toBe('NoMetadata(2)');
    expect(await stage.refused('minter', 'mint', [who.stranger, 2n, 'ipfs://2'])).toBe(
      `HolderNotAllowed(${who.stranger})`,
    );
    expect(await stage.refused('minter', 'mint', [ZeroAddress, 2n, 'ipfs://2'])).toContain(
      'ERC721InvalidReceiver',
    );
  });

  it('name a royalty of a tenth at most', async () => {
    expect([...(await chain.read(token, 'royaltyInfo', 1n, 10_000n))]).toEqual([who.admin, 250n]);
    expect(told(await stage.act('admin', 'setRoyalty', [who.buyer, 1_000n]))).toEqual([
      `RoyaltySet(${who.buyer}, 1000, ${who.admin})`,
    ]);
    expect([...(await chain.read(token, 'royaltyInfo', 1n, 10_000n))]).toEqual([who.buyer, 1_000n]);
    expect(await stage.refused('admin', 'setRoyalty', [who.buyer, 1_001n])).toBe(
      'RoyaltyTooHigh(1001, 1000)',
    );
  });
});

describe('a pause', () => {
  it('stops what moves shares, and nothing else', async () => {
    await stage.act('recoverer', 'beginRecovery', [1n, who.newKey]);
    await stage.act('minter', 'mint', [who.buyer, 2n, 'ipfs://2']);
    await stage.pass(recoveryDelay);
    await stage.act('pauser', 'pause');
    const stopped: [Person, string, unknown[]][] = [
      move('buyer'),
      ['minter', 'mint', [who.buyer, 3n, 'ipfs://3']],
      ['recoverer', 'beginRecovery', [2n, who.newKey]],
      ['recoverer', 'finishRecovery', [1n]],
      ['pauser', 'pause', []],
    ];
    for (const step of stopped) expect(await stage.refused(...step), step[1]).toBe('EnforcedPause()');
    await stage.act('clerk', 'disallow', [[who.buyer]]);
    await stage.act('clerk', 'allow', [[who.stranger], checkedUntil]);
    await stage.act('holder', 'cancelRecovery', [1n]);
    await stage.act('admin', 'unpause');
    expect(await stage.refused('admin', 'unpause')).toBe('ExpectedPause()');
    await stage.act(...move('newKey'));
  });
});

describe('a lost key', () => {
  const begin = (): Promise<{ timestamp: number }> =>
    stage.act('recoverer', 'beginRecovery', [1n, who.newKey]);

  it('is mended after the delay, without the help of the old address', async () => {
    await stage.act('holder', 'approve', [who.stranger, 1n]);
    const mined = await stage.act('recoverer', 'beginRecovery', [1n, who.newKey]);
    const readyAt = mined.timestamp + recoveryDelay;
    expect(told(mined)).toEqual([
      `RecoveryBegun(1, ${who.holder}, ${who.newKey}, ${readyAt}, ${who.recoverer})`,
    ]);
    expect(await stage.ask('recoveryOf', 1n)).toEqual([who.newKey, BigInt(readyAt)]);
    await stage.act('clerk', 'disallow', [[who.holder]]);
    await chain.mineAt(readyAt - 1);
    expect(await stage.refused('recoverer', 'finishRecovery', [1n])).toBe(`RecoveryTooEarly(1, ${readyAt})`);
    await chain.mineAt(readyAt);
    expect(told(await stage.act('recoverer', 'finishRecovery', [1n]))).toEqual([
      `Transfer(${who.holder}, ${who.newKey}, 1)`,
      `RecoveryFinished(1, ${who.holder}, ${who.newKey}, ${who.recoverer})`,
    ]);
    expect([await owner(), await stage.ask('getApproved', 1n)]).toEqual([who.newKey, ZeroAddress]);
    expect(await stage.ask('recoveryOf', 1n)).toEqual([ZeroAddress, 0n]);
    expect(await stage.refused('recoverer', 'finishRecovery', [1n])).toBe('RecoveryNotBegun(1)');
  });

  it('needs a new address with an identity check, at both steps', async () => {
    expect(await stage.refused('recoverer', 'beginRecovery', [1n, who.stranger])).toBe(
      `HolderNotAllowed(${who.stranger})`,
    );
    await begin();
    await stage.pass(recoveryDelay);
    await stage.act('clerk', 'disallow', [[who.newKey]]);
    expect(await stage.refused('recoverer', 'finishRecovery', [1n])).toBe(`HolderNotAllowed(${who.newKey})`);
  });

  it('is not lost when its holder objects, or moves the share', async () => {
    await begin();
    expect(await stage.refused('recoverer', 'beginRecovery', [1n, who.buyer])).toBe(
      'RecoveryAlreadyBegun(1)',
    );
    expect(told(await stage.act('holder', 'cancelRecovery', [1n]))).toEqual([
      `RecoveryCancelled(1, ${who.holder})`,
    ]);
    expect(await stage.refused('holder', 'cancelRecovery', [1n])).toBe('RecoveryNotBegun(1)');
    await begin();
    expect(told(await stage.act(...move('buyer')))).toContain(`RecoveryCancelled(1, ${who.holder})`);
    await stage.pass(recoveryDelay);
    expect(await stage.refused('recoverer', 'finishRecovery', [1n])).toBe('RecoveryNotBegun(1)');
  });

  it('in the hands of a thief objects no more, once its check was ended', async () => {
    await begin();
    await stage.act('clerk', 'disallow', [[who.holder]]);
    expect(await stage.refused('holder', 'cancelRecovery', [1n])).toBe(`MayNotCancel(1, ${who.holder})`);
    expect(await stage.refused(...move('buyer'))).toBe(`HolderNotAllowed(${who.holder})`);
    await stage.pass(recoveryDelay);
    await stage.act('recoverer', 'finishRecovery', [1n]);
    expect(await owner()).toBe(who.newKey);
  });

  it('of a share that does not exist is none', async () => {
    for (const [as, fn, args] of [
      ['recoverer', 'beginRecovery', [2n, who.newKey]],
      ['recoverer', 'cancelRecovery', [2n]],
    ] as const) {
      expect(await stage.refused(as, fn, args)).toBe('ERC721NonexistentToken(2)');
    }
    expect(await stage.refused('recoverer', 'finishRecovery', [2n])).toBe('RecoveryNotBegun(2)');
  });
});

describe('a receiver that calls back', () => {
  it('finds all written already, and can do no more than in a call of its own', async () => {
    const meddler = await chain.deploy(meddlerSource, 'Meddler');
    for (const role of Object.values(roles).slice(1))
      await stage.act('admin', 'grantRole', [role, meddler.address]);
    await stage.act('clerk', 'allow', [[meddler.address], checkedUntil]);
    const [mint, transfer] = [
      ['minter', 'mint', [meddler.address, 2n, 'ipfs://2']],
      ['holder', 'safeTransferFrom(address,address,uint256)', [who.holder, meddler.address, 1n]],
    ] as const;
    const inner: [string, unknown[], boolean, (id: bigint) => Promise<void>][] = [
      // The same share cannot be made twice.
      [
        'mint',
        [meddler.address, 2n, 'ipfs://again'],
        false,
        async (id) => {
          expect(await stage.ask('ownerOf', id)).toBe(meddler.address);
          if (id === 2n) expect(await stage.ask('tokenURI', id)).toBe('ipfs://2');
        },
      ],
      // It may pass on what it has just got, as it may a moment later.
      [
        'transferFrom',
        [meddler.address, who.buyer, 0n],
        true,
        async (id) => {
          expect(await stage.ask('ownerOf', id)).toBe(who.buyer);
        },
      ],
      // The old holder's share is not the receiver's to take back or to double.
      [
        'transferFrom',
        [who.holder, who.buyer, 0n],
        false,
        async (id) => {
          expect(await stage.ask('ownerOf', id)).toBe(meddler.address);
        },
      ],
      [
        'pause',
        [],
        true,
        async (id) => {
          expect(await stage.ask('ownerOf', id)).toBe(meddler.address);
          expect(await stage.ask('paused')).toBe(true);
        },
      ],
    ];
    const start = await chain.checkpoint();
    for (const [as, fn, args] of [mint, transfer]) {
      const id = fn === 'mint' ? 2n : 1n;
      for (const [call, callArgs, works, check] of inner) {
        await start();
        const given = call === 'transferFrom' ? [...callArgs.slice(0, 2), id] : callArgs;
        const payload = token.abi.encodeFunctionData(call, given);
        await chain.send(who.deployer, meddler, 'arm', [token.address, payload]);
        // Share 2 is there already when share 1 is moved.
        if (fn !== 'mint') await stage.act('minter', 'mint', [who.buyer, 2n, 'ipfs://2']);
        await stage.act(as, fn, args);
        expect((await chain.read(meddler, 'succeeded'))[0], `${call} in ${fn}`).toBe(works);
        await check(id);
        const balances = [meddler.address, who.buyer, who.holder].map((each) =>
          stage.ask<bigint>('balanceOf', each),
        );
        expect((await Promise.all(balances)).reduce((a, b) => a + b)).toBe(await stage.ask('minted'));
      }
    }
  });

  it('that refuses gets nothing, and leaves nothing behind', async () => {
    const meddler = await chain.deploy(meddlerSource, 'Meddler');
    await stage.act('clerk', 'allow', [[meddler.address], checkedUntil]);
    await chain.send(who.deployer, meddler, 'setRude', [true]);
    expect(await stage.refused('minter', 'mint', [meddler.address, 2n, 'ipfs://2'])).toContain(
      'no, thank you',
    );
    expect(await stage.ask('minted')).toBe(1n);
    // A recovery asks nobody, so a new address that is a wallet without the hook cannot be in the way.
    await stage.act('recoverer', 'beginRecovery', [1n, meddler.address]);
    await stage.pass(recoveryDelay);
    await stage.act('recoverer', 'finishRecovery', [1n]);
    expect(await owner()).toBe(meddler.address);
  });
});
