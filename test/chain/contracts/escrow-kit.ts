import {
  HDNodeWallet,
  Interface,
  MaxUint256,
  Mnemonic,
  ZeroAddress,
  id as keccak,
  type Result,
  type TypedDataField,
} from 'ethers';
import { startChain, testSource, type Chain, type Deployed, type Mined } from './chain-kit.ts';

export const escrowSource = 'chain/contracts/escrow/Escrow.sol';
export const ether = ZeroAddress;
export const day = 86_400;
export const adminDelay = 2 * day;
export const emergencyDelay = 3 * day;

/** The states of a deposit, in the contract's order. */
export const State = {
  None: 0n,
  Held: 1n,
  Released: 2n,
  Refunded: 3n,
  Reclaimed: 4n,
  EmergencyWithdrawn: 5n,
};

/** The roles that an operator can have, by the names the contract hashes. */
export const roles = {
  pauser: keccak('PAUSER_ROLE'),
  unpauser: keccak('UNPAUSER_ROLE'),
  emergency: keccak('EMERGENCY_ROLE'),
  recovery: keccak('RECOVERY_ROLE'),
};

const cast = [
  'deployer',
  'arbiter',
  'admin',
  'pauser',
  'payer',
  'payee',
  'stranger',
  'relay',
  'otherPayer',
  'otherPayee',
] as const;

/** Who takes part in the tests; each is one of the node's funded accounts. */
export type Person = (typeof cast)[number];

/** What a decision is about. */
export type Decision = 'Release' | 'Refund';

/** A signed decision as the contract takes it. */
export interface Authorization {
  readonly signer: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
  readonly signature: string;
}

/** All that a signature commits to; a test that forges changes one of these. */
export interface Terms {
  readonly id: bigint;
  readonly payer: string;
  readonly payee: string;
  readonly token: string;
  readonly amount: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** The fields of both messages, as docs/escrow.md gives them to signers. */
export const fields: TypedDataField[] = [
  { name: 'id', type: 'uint256' },
  { name: 'payer', type: 'address' },
  { name: 'payee', type: 'address' },
  { name: 'token', type: 'address' },
  { name: 'amount', type: 'uint256' },
  { name: 'nonce', type: 'uint256' },
  { name: 'deadline', type: 'uint256' },
];

/** How a test has a signature made that should not count: what is signed, where for, by whom, and what is sent. */
export interface Forgery {
  /** Terms that differ from the deposit's own. */
  readonly signed?: Partial<Terms>;
  /** A domain that differs from the escrow's own. */
  readonly domain?: { name?: string; version?: string; chainId?: bigint; verifyingContract?: string };
  /** Whose key signs, when it is not the signer's: an owner for its contract, a thief for its victim. */
  readonly key?: Person;
  /** What is sent in place of what was signed. */
  readonly sent?: Partial<Authorization>;
}

/** An escrow on a real node, its tokens and its people. */
export interface Stage {
  readonly chain: Chain;
  readonly escrow: Deployed;
  /** A token without surprises. */
  readonly token: Deployed;
  readonly who: Readonly<Record<Person, string>>;
  readonly keys: Readonly<Record<Person, HDNodeWallet>>;
  /** What the escrow was constructed with. */
  readonly construction: readonly unknown[];
  /** A token of the given kind, of which the payers have a million each, all of it approved. */
  newToken(contract: string): Promise<Deployed>;
  /** Pays ether in, from the payer to the payee and for a day unless told otherwise; gives the deposit's id. */
  payEther(amount: bigint, options?: { payer?: string; payee?: string; term?: number }): Promise<bigint>;
  /** Pays a token in, from the payer and for a day. */
  payToken(token: Deployed, amount: bigint, options?: { payee?: string }): Promise<bigint>;
  depositOf(id: bigint): Promise<Held>;
  /** Signs a decision about a deposit as it stands; `signer` is a person or a contract. */
  sign(signer: string, decision: Decision, id: bigint, forgery?: Forgery): Promise<Authorization>;
  /** Sends a transaction to the escrow; throws when it reverts. */
  act(as: Person, fn: string, args: readonly unknown[], value?: bigint): Promise<Mined>;
  /** The revert of a call to the escrow that must not go through. */
  refused(as: Person, fn: string, args: readonly unknown[], value?: bigint): Promise<string>;
  held(token: string): Promise<bigint>;
  /** What an account has of a token, or of ether. */
  purse(token: string, account: string): Promise<bigint>;
}

/** A deposit as the contract gives it. */
export interface Held {
  readonly payer: string;
  readonly payee: string;
  readonly token: string;
  readonly amount: bigint;
  readonly expiry: bigint;
  readonly state: bigint;
}

const erc20 = new Interface(['function balanceOf(address) view returns (uint256)']);
const keys = Object.fromEntries(
  cast.map((person, index) => [
    person,
    HDNodeWallet.fromMnemonic(
      Mnemonic.fromPhrase('test test test test test test test test test test test junk'),
      `m/44'/60'/0'/0/${index}`,
    ),
  ]),
) as Record<Person, HDNodeWallet>;
const who = Object.fromEntries(cast.map((person) => [person, keys[person].address])) as Record<
  Person,
  string
>;

/** Starts a node, deploys an escrow and a plain token. */
export async function openStage(options: { chainId?: number; chain?: Chain } = {}): Promise<Stage> {
  const chain = options.chain ?? (await startChain(options));
  const construction = [who.arbiter, who.admin, who.pauser, adminDelay, emergencyDelay];
  const escrow = await chain.deploy(escrowSource, 'Escrow', construction);

  const act: Stage['act'] = (as, fn, args, value = 0n) => chain.send(who[as], escrow, fn, args, { value });

  async function newToken(contract: string): Promise<Deployed> {
    const token = await chain.deploy(testSource('Tokens'), contract);
    for (const payer of [who.payer, who.otherPayer]) {
      await chain.send(who.deployer, token, 'mint', [payer, 1_000_000n]);
      await chain.send(payer, token, 'approve', [escrow.address, MaxUint256]);
    }
    return token;
  }

  async function depositOf(id: bigint): Promise<Held> {
    const [deposit] = await chain.read(escrow, 'depositOf', id);
    return (deposit as Result).toObject() as unknown as Held;
  }

  async function sign(
    signer: string,
    decision: Decision,
    id: bigint,
    { signed, domain, key, sent }: Forgery = {},
  ): Promise<Authorization> {
    const address = signer in who ? who[signer as Person] : signer;
    const [{ payer, payee, token, amount }, [nonce], now] = await Promise.all([
      depositOf(id),
      chain.read(escrow, 'nonces(address,uint192)', address, id) as unknown as Promise<[bigint]>,
      chain.now(),
    ]);
    const deadline = BigInt(now + day);
    const terms: Terms = { id, payer, payee, token, amount, nonce, deadline, ...signed };
    const signature = await keys[key ?? (signer as Person)].signTypedData(
      {
        name: 'Escrow',
        version: '1',
        chainId: chain.chainId,
        verifyingContract: escrow.address,
        ...domain,
      },
      { [decision]: fields },
      terms,
    );
    return { signer: address, nonce: terms.nonce, deadline: terms.deadline, signature, ...sent };
  }

  return {
    chain,
    escrow,
    token: await newToken('PlainToken'),
    who,
    keys,
    construction,
    newToken,
    depositOf,
    sign,
    act,

    async payEther(amount, { payer = who.payer, payee = who.payee, term = day } = {}) {
      const expiry = (await chain.now()) + term;
      return idOf(await chain.send(payer, escrow, 'depositEther', [payee, expiry], { value: amount }));
    },

    async payToken(token, amount, { payee = who.payee } = {}) {
      const expiry = (await chain.now()) + day;
      return idOf(await act('payer', 'depositToken', [token.address, amount, payee, expiry]));
    },

    refused: (as, fn, args, value = 0n) => chain.refusal(who[as], escrow, fn, args, { value }),

    held: async (token) => (await chain.read(escrow, 'held', token))[0] as bigint,

    purse: async (token, account) =>
      token === ether
        ? chain.balance(account)
        : ((await chain.read({ address: token, abi: erc20 }, 'balanceOf', account))[0] as bigint),
  };
}

/** What events of a transaction say, as `Name(arguments)`; a test compares all of them at once. */
export function told(mined: Mined): string[] {
  return mined.events.map((event) => `${event.name}(${event.args.map(String).join(', ')})`);
}

function idOf(mined: Mined): bigint {
  return mined.events.find((event) => event.name === 'Deposited')?.args['id'] as bigint;
}
