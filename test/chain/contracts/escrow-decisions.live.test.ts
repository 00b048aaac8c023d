import { hexlify, Signature, toBeHex, TypedDataEncoder, Wallet, ZeroAddress } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testSource, type Deployed } from './chain-kit.ts';
import {
  day,
  escrowSource,
  ether,
  fields,
  openStage,
  State,
  told,
  type Decision,
  type Person,
  type Stage,
} from './escrow-kit.ts';

let stage: Stage;
let rewind: () => Promise<void>;

beforeAll(async () => {
  stage = await openStage();
  rewind = await stage.chain.checkpoint();
});
beforeEach(() => rewind());
afterAll(() => stage.chain.stop());

/** What a decision is called, who may sign it, and where the money goes. */
const decisions = [
  { kind: 'Release', fn: 'release', party: 'payer', to: 'payee', event: 'Released', state: State.Released },
  { kind: 'Refund', fn: 'refund', party: 'payee', to: 'payer', event: 'Refunded', state: State.Refunded },
] as const;

describe.each(decisions)('a $fn', ({ kind, fn, party, to, event, state }) => {
  describe.each(['ether', 'a token'])('of %s', (what) => {
    it.each([party, 'arbiter'] as const)('signed by the %s pays, whoever delivers it', async (signer) => {
      const { token, who } = stage;
      const address = what === 'ether' ? ether : token.address;
      const id = await (what === 'ether' ? stage.payEther(500n) : stage.payToken(token, 500n));
      const before = await stage.purse(address, who[to]);
      const mined = await stage.act('relay', fn, [id, await stage.sign(signer, kind, id)]);
      expect(told(mined)[0]).toBe(`${event}(${id}, ${who[to]}, ${who[signer]}, ${address}, 500)`);
      expect(await stage.purse(address, who[to])).toBe(before + 500n);
      expect(await stage.purse(address, stage.escrow.address)).toBe(0n);
      expect(await stage.held(address)).toBe(0n);
      expect((await stage.depositOf(id)).state).toBe(state);
    });
  });

  it('counts for nothing from anyone else, the one it favours included', async () => {
    const id = await stage.payEther(500n);
    for (const signer of [to, 'stranger', 'admin', 'pauser', 'otherPayer', 'otherPayee'] as const) {
      expect(await stage.refused('relay', fn, [id, await stage.sign(signer, kind, id)])).toBe(
        `NotAllowed(${id}, ${stage.who[signer]})`,
      );
    }
  });

  it('counts for nothing when someone else signed in the name of a party', async () => {
    const id = await stage.payEther(500n);
    for (const victim of [party, 'arbiter'] as const) {
      const forged = await stage.sign(victim, kind, id, { key: 'stranger' });
      expect(await stage.refused('relay', fn, [id, forged])).toBe(`InvalidSignature(${stage.who[victim]})`);
    }
  });

  it('commits to every term of the deposit', async () => {
    const id = await stage.payEther(500n);
    const other = await stage.payEther(500n);
    const { who } = stage;
    const changes = [
      { id: other },
      { payer: who.stranger },
      { payee: who.stranger },
      { token: stage.token.address },
      { amount: 501n },
    ];
    for (const signed of changes) {
      const forged = await stage.sign('arbiter', kind, id, { signed });
      expect(await stage.refused('relay', fn, [id, forged])).toBe(`InvalidSignature(${who.arbiter})`);
    }
    const stretched = await stage.sign('arbiter', kind, id, { sent: { deadline: 2n ** 40n } });
    expect(await stage.refused('relay', fn, [id, stretched])).toBe(`InvalidSignature(${who.arbiter})`);
  });

  it('commits to the chain, the contract, its name and its version', async () => {
    const id = await stage.payEther(500n);
    const domains = [
      { chainId: 1n },
      { chainId: 11155111n },
      { verifyingContract: stage.token.address },
      { name: 'Treasury' },
      { version: '2' },
    ];
    for (const domain of domains) {
      const forged = await stage.sign('arbiter', kind, id, { domain });
      expect(await stage.refused('relay', fn, [id, forged])).toBe(`InvalidSignature(${stage.who.arbiter})`);
    }
  });

  it('counts up to its deadline and not a second longer', async () => {
    const { chain } = stage;
    const id = await stage.payEther(500n);
    const deadline = BigInt((await chain.now()) + 100);
    const decision = await stage.sign('arbiter', kind, id, { signed: { deadline } });
    await chain.mineAt(Number(deadline) + 1);
    expect(await stage.refused('relay', fn, [id, decision])).toBe(`SignatureExpired(${deadline})`);
    await rewind();
    expect(await stage.payEther(500n)).toBe(id);
    await chain.rpc('evm_setNextBlockTimestamp', [Number(deadline)]);
    await stage.act('relay', fn, [id, decision]);
  });

  it('does not come twice, nor after the other decision', async () => {
    const other = kind === 'Release' ? 'Refund' : 'Release';
    const id = await stage.payEther(500n);
    await stage.payEther(500n);
    const decision = await stage.sign('arbiter', kind, id);
    const counter = await stage.sign('arbiter', other, id);
    await stage.act('relay', fn, [id, decision]);
    const refusal = `NotHeld(${id}, ${state})`;
    expect(await stage.refused('relay', fn, [id, decision])).toBe(refusal);
    expect(await stage.refused('relay', other.toLowerCase(), [id, counter])).toBe(refusal);
    const nextNonce = await stage.sign('arbiter', kind, id);
    expect(await stage.refused('relay', fn, [id, nextNonce])).toBe(refusal);
    expect(await stage.held(ether)).toBe(500n);
  });

  it('is refused for a deposit that was never made', async () => {
    await stage.payEther(500n);
    const decision = await stage.sign('arbiter', kind, 1n, { signed: { id: 2n } });
    expect(await stage.refused('relay', fn, [2n, decision])).toBe('NotHeld(2, 0)');
    expect(await stage.refused('relay', fn, [0n, decision])).toBe('NotHeld(0, 0)');
  });

  it('is void once its signer has cancelled, and another signature then counts', async () => {
    const { who } = stage;
    const id = await stage.payEther(500n);
    const decision = await stage.sign(party, kind, id);
    const nonce = decision.nonce + 1n;
    expect(told(await stage.act(party, 'cancelSignatures', [id]))).toEqual([
      `SignaturesCancelled(${id}, ${who[party]}, ${nonce})`,
    ]);
    expect(await stage.refused('relay', fn, [id, decision])).toBe(
      `InvalidAccountNonce(${who[party]}, ${nonce})`,
    );
    const relabelled = { ...decision, nonce };
    expect(await stage.refused('relay', fn, [id, relabelled])).toBe(`InvalidSignature(${who[party]})`);
    await stage.act('relay', fn, [id, await stage.sign(party, kind, id)]);
  });

  it('is not held up by the nonces of other deposits or of other signers', async () => {
    const ids = [await stage.payEther(1n), await stage.payEther(2n), await stage.payEther(3n)];
    const signed = await Promise.all(ids.map((id) => stage.sign('arbiter', kind, id)));
    await stage.act('arbiter', 'cancelSignatures', [ids[1]]);
    await stage.act(party, 'cancelSignatures', [ids[0]]);
    await stage.act('relay', fn, [ids[2], signed[2]]);
    await stage.act('relay', fn, [ids[0], signed[0]]);
    expect(await stage.refused('relay', fn, [ids[1], signed[1]])).toContain('InvalidAccountNonce');
  });

  it('takes one form of each signature only', async () => {
    const id = await stage.payEther(500n);
    const good = await stage.sign('arbiter', kind, id);
    const { r, s, v, compactSerialized } = Signature.from(good.signature);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const body = (part: string): string => part.slice(2);
    const mirrored = r + body(toBeHex(order - BigInt(s), 32)) + (v === 27 ? '1c' : '1b');
    const zeros = `0x${'00'.repeat(65)}`;
    const forms = [
      mirrored,
      compactSerialized,
      good.signature.slice(0, -2),
      `${good.signature}00`,
      `${good.signature.slice(0, -2)}00`,
      zeros,
      '0x',
    ];
    for (const signature of forms) {
      expect(await stage.refused('relay', fn, [id, { ...good, signature }])).toBe(
        `InvalidSignature(${stage.who.arbiter})`,
      );
    }
    expect(await stage.refused('relay', fn, [id, { ...good, signer: ZeroAddress, signature: zeros }])).toBe(
      `NotAllowed(${id}, ${ZeroAddress})`,
    );
  });

  it('counts after the expiry too, as long as the payer has not reclaimed', async () => {
    const { chain, who } = stage;
    const [taken, left] = [await stage.payEther(1n), await stage.payEther(2n)];
    await chain.mineAt((await chain.now()) + 2 * day);
    await stage.act('payer', 'reclaim', [taken]);
    expect(await stage.refused('relay', fn, [taken, await stage.sign('arbiter', kind, taken)])).toBe(
      `NotHeld(${taken}, 4)`,
    );
    const mined = await stage.act('relay', fn, [left, await stage.sign('arbiter', kind, left)]);
    expect(told(mined)[0]).toContain(`${event}(${left}, ${who[to]}`);
  });
});

describe('one decision in place of the other', () => {
  it.each([
    ['Release', 'refund'],
    ['Refund', 'release'],
  ] as const)('a signed %s does not %s', async (kind, fn) => {
    const id = await stage.payEther(500n);
    const decision = await stage.sign('arbiter', kind, id);
    expect(await stage.refused('relay', fn, [id, decision])).toBe(`InvalidSignature(${stage.who.arbiter})`);
  });
});

describe('the same signature elsewhere', () => {
  it('counts for nothing with another escrow of the same arbiter and an equal deposit', async () => {
    const { chain, who } = stage;
    const id = await stage.payEther(500n);
    const decision = await stage.sign('arbiter', 'Release', id);
    const twin = await chain.deploy(escrowSource, 'Escrow', stage.construction);
    const expiry = (await stage.depositOf(id)).expiry;
    await chain.send(who.payer, twin, 'depositEther', [who.payee, expiry], { value: 500n });
    expect(await chain.refusal(who.relay, twin, 'release', [id, decision])).toBe(
      `InvalidSignature(${who.arbiter})`,
    );
  });

  it('counts for nothing on another chain with the same escrow at the same address', async () => {
    const far = await openStage({ chainId: 84532 });
    try {
      expect(far.escrow.address).toBe(stage.escrow.address);
      const id = await stage.payEther(500n);
      expect(await far.payEther(500n)).toBe(id);
      const decision = await stage.sign('arbiter', 'Release', id);
      expect(await far.refused('relay', 'release', [id, decision])).toBe(
        `InvalidSignature(${stage.who.arbiter})`,
      );
      await far.act('relay', 'release', [id, await far.sign('arbiter', 'Release', id)]);
      await stage.act('relay', 'release', [id, decision]);
    } finally {
      await far.chain.stop();
    }
  });
});

describe('what is signed', () => {
  it.each(decisions)('is the digest that the contract shows for a $fn', async ({ kind, fn }) => {
    const { chain, escrow } = stage;
    const id = await stage.payEther(500n);
    const { payer, payee, token, amount } = await stage.depositOf(id);
    const [nonce, deadline] = [3n, 4n];
    const domain = {
      name: 'Escrow',
      version: '1',
      chainId: chain.chainId,
      verifyingContract: escrow.address,
    };
    const types: Record<Decision, typeof fields> = { Release: fields, Refund: fields };
    const digest = TypedDataEncoder.hash(
      domain,
      { [kind]: types[kind] },
      { id, payer, payee, token, amount, nonce, deadline },
    );
    expect((await chain.read(escrow, `${fn}Digest`, id, nonce, deadline))[0]).toBe(digest);
  });

  it('has a domain that wallets can ask for (ERC-5267)', async () => {
    const { chain, escrow } = stage;
    const domain = await chain.read(escrow, 'eip712Domain');
    expect(domain.toArray().slice(0, 5)).toEqual(['0x0f', 'Escrow', '1', chain.chainId, escrow.address]);
  });
});

describe('cancelling', () => {
  it('is for those with a say, in a deposit that is undecided', async () => {
    const id = await stage.payEther(500n);
    for (const as of ['stranger', 'admin', 'relay'] as const) {
      expect(await stage.refused(as, 'cancelSignatures', [id])).toBe(`NotAllowed(${id}, ${stage.who[as]})`);
    }
    for (const as of ['payer', 'payee', 'arbiter'] as const) await stage.act(as, 'cancelSignatures', [id]);
    await stage.act('relay', 'refund', [id, await stage.sign('payee', 'Refund', id)]);
    expect(await stage.refused('payer', 'cancelSignatures', [id])).toBe(`NotHeld(${id}, 3)`);
  });
});

describe('reclaiming', () => {
  it('is for the payer, from the second of the expiry on', async () => {
    const { chain, who } = stage;
    const id = await stage.payEther(500n);
    const expiry = Number((await stage.depositOf(id)).expiry);
    await chain.mineAt(expiry - 1);
    expect(await stage.refused('payer', 'reclaim', [id])).toBe(`NotExpired(${id}, ${expiry})`);
    await chain.mineAt(expiry);
    for (const as of ['payee', 'arbiter', 'admin', 'stranger'] as const) {
      expect(await stage.refused(as, 'reclaim', [id])).toBe(`NotAllowed(${id}, ${who[as]})`);
    }
    const before = await stage.purse(ether, who.payer);
    const mined = await stage.act('payer', 'reclaim', [id]);
    expect(told(mined)).toEqual([`Reclaimed(${id}, ${who.payer}, ${ether}, 500)`]);
    expect(await stage.purse(ether, who.payer)).toBe(before + 500n - mined.fee);
    expect(await stage.refused('payer', 'reclaim', [id])).toBe(`NotHeld(${id}, 4)`);
  });

  it('waits for an expiry that was extended', async () => {
    const { chain } = stage;
    const id = await stage.payEther(500n);
    const later = Number((await stage.depositOf(id)).expiry) + day;
    await stage.act('payer', 'extend', [id, later]);
    await chain.mineAt(later - 1);
    expect(await stage.refused('payer', 'reclaim', [id])).toBe(`NotExpired(${id}, ${later})`);
    await chain.mineAt(later);
    await stage.act('payer', 'reclaim', [id]);
  });
});

describe('contracts as signers (EIP-1271)', () => {
  /** An escrow whose arbiter is a contract account, owned by the person named. */
  async function contractArbiter(owner: Person): Promise<{ escrow: Deployed; arbiter: Deployed }> {
    const { chain, who } = stage;
    const arbiter = await chain.deploy(testSource('Actors'), 'Actor', [who[owner]]);
    const [, ...rest] = stage.construction;
    const escrow = await chain.deploy(escrowSource, 'Escrow', [arbiter.address, ...rest]);
    return { escrow, arbiter };
  }

  it('count as long as they answer for the signature', async () => {
    const { chain, who } = stage;
    const { escrow, arbiter } = await contractArbiter('stranger');
    const expiry = (await chain.now()) + day;
    await chain.send(who.payer, escrow, 'depositEther', [who.payee, expiry], { value: 9n });
    const domain = {
      name: 'Escrow',
      version: '1',
      chainId: chain.chainId,
      verifyingContract: escrow.address,
    };
    const terms = { id: 1n, payer: who.payer, payee: who.payee, token: ether, amount: 9n };
    const deadline = BigInt(expiry);
    const nonce = (await chain.read(escrow, 'nonces(address,uint192)', arbiter.address, 1n))[0] as bigint;
    const signedBy = async (person: Person): Promise<object> => ({
      signer: arbiter.address,
      nonce,
      deadline,
      signature: await stage.keys[person].signTypedData(
        domain,
        { Release: fields },
        { ...terms, nonce, deadline },
      ),
    });
    const invalid = `InvalidSignature(${arbiter.address})`;
    const decision = await signedBy('stranger');
    expect(await chain.refusal(who.relay, escrow, 'release', [1n, await signedBy('arbiter')])).toBe(invalid);
    await chain.send(who.deployer, arbiter, 'setSilent', [true]);
    expect(await chain.refusal(who.relay, escrow, 'release', [1n, decision])).toBe(invalid);
    await chain.send(who.deployer, arbiter, 'setSilent', [false]);
    const mined = await chain.send(who.relay, escrow, 'release', [1n, decision]);
    expect(told(mined)[0]).toContain(`Released(1, ${who.payee}, ${arbiter.address}`);
  });

  it('may be parties as well', async () => {
    const { chain, who } = stage;
    const shop = await chain.deploy(testSource('Actors'), 'Actor', [who.stranger]);
    const id = await stage.payEther(9n, { payee: shop.address });
    const refund = await stage.sign(shop.address, 'Refund', id, { key: 'stranger' });
    await stage.act('relay', 'refund', [id, refund]);
    expect((await stage.depositOf(id)).state).toBe(State.Refunded);
  });

  it('count for nothing when they answer nothing', async () => {
    const id = await stage.payEther(9n, { payee: stage.token.address });
    const refund = await stage.sign(stage.token.address, 'Refund', id, { key: 'stranger' });
    expect(await stage.refused('relay', 'refund', [id, refund])).toBe(
      `InvalidSignature(${stage.token.address})`,
    );
  });

  it('answer for an account that runs code of a contract (EIP-7702)', async () => {
    const { chain, who } = stage;
    const account = new Wallet(hexlify(new Uint8Array(32).fill(7)));
    const code = await chain.deploy(testSource('Actors'), 'Actor', [who.stranger]);
    const id = await stage.payEther(9n, { payee: account.address });
    const delegation = await account.authorize({ address: code.address, nonce: 0, chainId: chain.chainId });
    const transaction = await stage.keys.relay.signTransaction({
      type: 4,
      to: account.address,
      chainId: chain.chainId,
      nonce: Number(await chain.rpc('eth_getTransactionCount', [who.relay, 'latest'])),
      gasLimit: 200_000,
      maxFeePerGas: 10n ** 10n,
      maxPriorityFeePerGas: 1n,
      authorizationList: [delegation],
    });
    await chain.rpc('eth_sendRawTransactionSync', [transaction]);
    expect(await chain.rpc('eth_getCode', [account.address, 'latest'])).toMatch(/^0xef0100/);
    const refund = await stage.sign(account.address, 'Refund', id, { key: 'stranger' });
    await stage.act('relay', 'refund', [id, refund]);
    expect((await stage.depositOf(id)).state).toBe(State.Refunded);
  });
});
