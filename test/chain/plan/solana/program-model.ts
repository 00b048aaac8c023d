import {
  base58,
  bytesOfAddress,
  loaders,
  programDataAddress,
  systemProgram,
} from '@cutover/chain/plan/solana/address.ts';
import { feeOfInstructions } from '@cutover/chain/plan/solana/fees.ts';
import { joined, u32, u64, u8, viewOf, type Instruction } from '@cutover/chain/plan/solana/instruction.ts';
import { readLoaderAccount } from '@cutover/chain/plan/solana/loader-accounts.ts';
import { loaderInstructionOf, upgrade } from '@cutover/chain/plan/solana/loader-instructions.ts';
import { compileMessage } from '@cutover/chain/plan/solana/message.ts';
import type {
  ObservedAccount,
  ObservedProgram,
  ProgramWish,
} from '@cutover/chain/plan/solana/program-facts.ts';
import type { ProgramWork } from '@cutover/chain/plan/solana/program-work.ts';
import { transactionsOf } from '@cutover/chain/plan/solana/program-steps.ts';
import { rentExempt, usualRent } from '@cutover/chain/plan/solana/rent.ts';
import { leastExtension, longestProgram } from '@cutover/chain/plan/solana/room.ts';

/** A model of a chain: what the system program and the upgradeable loader do with lamports and bytes. */
export interface ModelChain {
  readonly accounts: Map<string, ModelAccount>;
  slot: bigint;
  balance: bigint;
  /** The least that the payer had. */
  lowest: bigint;
  sent: number;
  proposal: 'waiting' | 'ready' | undefined;
}

export interface ModelAccount {
  lamports: bigint;
  owner: string;
  data: Uint8Array;
}

export const microLamports = 1_234n;

export function modelChain(balance: bigint): ModelChain {
  return { accounts: new Map(), slot: 10n, balance, lowest: balance, sent: 0, proposal: undefined };
}

/** What one would read of the model. */
export function observe(chain: ModelChain, wish: ProgramWish): ObservedProgram {
  const at = (address: string): ObservedAccount | undefined => {
    const found = chain.accounts.get(address);
    return found && { content: readLoaderAccount(found.owner, found.data), lamports: found.lamports };
  };
  return {
    account: at(wish.program),
    programData: at(programDataAddress(wish.program)),
    buffer: at(wish.buffer),
    proposal:
      chain.proposal && (chain.proposal === 'ready' ? { kind: 'ready' } : { kind: 'waiting', missing: [] }),
    balance: chain.balance,
    slot: chain.slot,
    rent: usualRent,
    microLamports,
  };
}

/** The single acts of a plan, in order: each may be the last before a crash. */
export function actsOf({ steps }: ProgramWork, wish: ProgramWish): readonly ((chain: ModelChain) => void)[] {
  return steps.flatMap((step) => {
    switch (step.kind) {
      case 'wait for a slot':
        return [(chain: ModelChain) => void (chain.slot += 1n)];
      case 'propose':
        return [(chain: ModelChain) => void (chain.proposal = 'waiting')];
      case 'execute': {
        const { program, buffer, payer, holder } = wish;
        const authority = holder.kind === 'none' ? '' : holder.address;
        return [
          (chain: ModelChain) => {
            loader(chain, upgrade({ program, buffer, spill: payer, authority }), payer);
            chain.proposal = undefined;
          },
        ];
      }
      case 'close buffer':
      case 'create buffer':
      case 'write':
      case 'hand over buffer':
      case 'extend':
      case 'deploy':
      case 'upgrade':
      case 'hand over program':
        return transactionsOf(step, wish).map((instructions) => (chain: ModelChain) => {
          send(chain, instructions, wish);
        });
    }
  });
}

/** Executes a transaction, or throws and changes nothing that matters: a test ends there. */
function send(chain: ModelChain, instructions: readonly Instruction[], wish: ProgramWish): void {
  const { payer, writer, buffer, program, holder } = wish;
  const keys = [payer, writer, buffer, program, ...(holder.kind === 'key' ? [holder.address] : [])];
  const { signers } = compileMessage(payer, instructions, systemProgram);
  const stranger = signers.find((signer) => !keys.includes(signer));
  if (stranger !== undefined) throw new Error(`nobody has the key of ${stranger}`);
  pay(chain, feeOfInstructions(payer, instructions, microLamports));
  // A cluster refuses a payer whom the fee alone leaves with too little.
  noteLowest(chain);
  chain.sent += 1;
  for (const instruction of instructions) {
    if (instruction.program === systemProgram) create(chain, instruction);
    else loader(chain, instruction, payer);
  }
  noteLowest(chain);
}

function noteLowest(chain: ModelChain): void {
  if (chain.balance < chain.lowest) chain.lowest = chain.balance;
}

function create(chain: ModelChain, { accounts, data }: Instruction): void {
  const address = accounts[1]?.address ?? '';
  if (chain.accounts.has(address)) throw new Error('already in use');
  const view = viewOf(data);
  const lamports = view.getBigUint64(4, true);
  pay(chain, lamports);
  const space = Number(view.getBigUint64(12, true));
  chain.accounts.set(address, { lamports, owner: base58(data.subarray(20)), data: new Uint8Array(space) });
}

function loader(chain: ModelChain, instruction: Instruction, payer: string): void {
  const view = viewOf(instruction.data);
  const addresses = instruction.accounts.map(({ address }) => address);
  const [first = '', second = '', third = '', fourth = ''] = addresses;
  switch (loaderInstructionOf(instruction)) {
    case 'initializeBuffer': {
      const account = held(chain, first, 'uninitialized');
      account.data.set(joined(u32(1), u8(1), key(second)));
      return;
    }
    case 'write': {
      const account = owned(chain, first, second);
      const bytes = instruction.data.subarray(16);
      const offset = 37 + view.getUint32(4, true);
      if (offset + bytes.length > account.data.length) throw new Error('account data too small');
      account.data.set(bytes, offset);
      return;
    }
    case 'deployWithMaxDataLen': {
      const program = held(chain, third, 'uninitialized');
      const buffer = owned(chain, fourth, addresses[7] ?? '');
      const room = Number(view.getBigUint64(4, true));
      const code = buffer.data.subarray(37);
      if (code.length > room || program.data.length < 36) throw new Error('account data too small');
      receive(chain, take(chain, fourth));
      const lamports = rentExempt(45 + room);
      pay(chain, lamports);
      const data = new Uint8Array(45 + room);
      data.set(joined(u32(3), u64(chain.slot), u8(1), key(addresses[7] ?? ''), code));
      chain.accounts.set(second, { lamports, owner: loaders.upgradeable, data });
      program.data.set(joined(u32(2), key(second)));
      return;
    }
    case 'upgrade': {
      const authority = addresses[6] ?? '';
      const programData = changeable(chain, first, authority);
      const buffer = owned(chain, third, authority);
      const code = buffer.data.subarray(37);
      if (fourth !== payer) throw new Error('the spill is somebody else');
      if (code.length > programData.data.length - 45) throw new Error('account data too small');
      const data = new Uint8Array(programData.data.length);
      data.set(joined(u32(3), u64(chain.slot), u8(1), key(authority), code));
      const needed = rentExempt(data.length);
      receive(chain, take(chain, third) + programData.lamports - needed);
      chain.accounts.set(first, { ...programData, lamports: needed, data });
      return;
    }
    case 'extendProgram': {
      const programData = changeable(chain, first);
      const more = view.getUint32(4, true);
      const room = programData.data.length - 45;
      if (more < leastExtension && room + more !== longestProgram) throw new Error('too small an extension');
      const data = joined(programData.data, new Uint8Array(more));
      data.set(u64(chain.slot), 4);
      const needed = rentExempt(data.length);
      const paid = needed > programData.lamports ? needed - programData.lamports : 0n;
      pay(chain, paid);
      chain.accounts.set(first, { ...programData, lamports: programData.lamports + paid, data });
      return;
    }
    case 'setAuthority':
    case 'setAuthorityChecked': {
      const account = owned(chain, first, second);
      const at = account.data[0] === 1 ? 4 : 12;
      if (third === '' && at === 4) throw new Error('a buffer needs an authority');
      account.data.set(third === '' ? u8(0) : joined(u8(1), key(third)), at);
      return;
    }
    case 'close':
      owned(chain, first, third);
      receive(chain, take(chain, first));
      return;
    case 'extendProgramChecked':
    case 'migrate':
    case undefined:
      throw new Error('not modelled');
  }
}

function held(chain: ModelChain, address: string, kind: string): ModelAccount {
  const account = chain.accounts.get(address);
  const found = account && readLoaderAccount(account.owner, account.data).kind;
  if (account === undefined || found !== kind)
    throw new Error(`${address} is ${found ?? 'not there'}, not ${kind}`);
  return account;
}

/** A buffer, or a program's data, of this authority. */
function owned(chain: ModelChain, address: string, authority: string): ModelAccount {
  const account = chain.accounts.get(address);
  const content = account && readLoaderAccount(account.owner, account.data);
  if (
    account === undefined ||
    content === undefined ||
    !('authority' in content) ||
    content.authority !== authority
  ) {
    throw new Error(`${authority} is not the authority of ${address}`);
  }
  return account;
}

/** A program's data that was not changed in this slot yet. */
function changeable(chain: ModelChain, address: string, authority?: string): ModelAccount {
  const account =
    authority === undefined ? held(chain, address, 'programData') : owned(chain, address, authority);
  if (viewOf(account.data).getBigUint64(4, true) >= chain.slot)
    throw new Error('changed in this slot already');
  return account;
}

function take(chain: ModelChain, address: string): bigint {
  const lamports = chain.accounts.get(address)?.lamports ?? 0n;
  chain.accounts.delete(address);
  return lamports;
}

function pay(chain: ModelChain, lamports: bigint): void {
  if (chain.balance < lamports) throw new Error('too few lamports');
  chain.balance -= lamports;
}

function receive(chain: ModelChain, lamports: bigint): void {
  chain.balance += lamports;
}

function key(address: string): Uint8Array {
  return bytesOfAddress(address) ?? new Uint8Array(32);
}
