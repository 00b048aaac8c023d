import { ComputeBudgetProgram, PublicKey, SystemProgram } from '@solana/web3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loaders, programDataAddress, systemProgram, sysvars } from '@cutover/chain/plan/solana/address.ts';
import type { Instruction } from '@cutover/chain/plan/solana/instruction.ts';
import {
  close,
  createAccount,
  deployWithMaxDataLen,
  extendProgram,
  extendProgramChecked,
  initializeBuffer,
  loaderInstructionOf,
  setAuthority,
  setAuthorityChecked,
  setComputeUnitLimit,
  setComputeUnitPrice,
  transfer,
  upgrade,
  write,
} from '@cutover/chain/plan/solana/loader-instructions.ts';
import { addressOf, fromWeb3 } from './kit.ts';

const payer = addressOf('payer');
const program = addressOf('program');
const buffer = addressOf('buffer');
const authority = addressOf('authority');
const next = addressOf('next');
const programData = programDataAddress(program);

/** Accounts as one reads them: s signs, w is written. */
function uses({ accounts }: Instruction): readonly string[] {
  return accounts.map(
    ({ address, signer, writable }) => `${signer ? 's' : '-'}${writable ? 'w' : '-'} ${address}`,
  );
}

function hex({ data }: Instruction): string {
  return Buffer.from(data).toString('hex');
}

describe('an instruction of the upgradeable loader', () => {
  // Bytes and accounts as solana-loader-v3-interface 7 documents them.
  it.each<readonly [string, Instruction, string, readonly string[]]>([
    [
      'initializeBuffer',
      initializeBuffer({ buffer, authority }),
      '00000000',
      [`-w ${buffer}`, `-- ${authority}`],
    ],
    [
      'write',
      write({ buffer, authority, offset: 0x01020304, bytes: Uint8Array.of(0xaa, 0xbb) }),
      '01000000' + '04030201' + '0200000000000000' + 'aabb',
      [`-w ${buffer}`, `s- ${authority}`],
    ],
    [
      'deployWithMaxDataLen',
      deployWithMaxDataLen({ payer, program, buffer, authority, maxDataLength: 0x10000 }),
      '02000000' + '0000010000000000',
      [
        `sw ${payer}`,
        `-w ${programData}`,
        `-w ${program}`,
        `-w ${buffer}`,
        `-- ${sysvars.rent}`,
        `-- ${sysvars.clock}`,
        `-- ${systemProgram}`,
        `s- ${authority}`,
      ],
    ],
    [
      'upgrade',
      upgrade({ program, buffer, spill: payer, authority }),
      '03000000',
      [
        `-w ${programData}`,
        `-w ${program}`,
        `-w ${buffer}`,
        `-w ${payer}`,
        `-- ${sysvars.rent}`,
        `-- ${sysvars.clock}`,
        `s- ${authority}`,
      ],
    ],
    [
      'setAuthority',
      setAuthority({ account: programData, authority, newAuthority: next }),
      '04000000',
      [`-w ${programData}`, `s- ${authority}`, `-- ${next}`],
    ],
    [
      'setAuthority',
      setAuthority({ account: programData, authority }),
      '04000000',
      [`-w ${programData}`, `s- ${authority}`],
    ],
    [
      'close',
      close({ account: buffer, recipient: payer, authority }),
      '05000000',
      [`-w ${buffer}`, `-w ${payer}`, `s- ${authority}`],
    ],
    [
      'close',
      close({ account: programData, recipient: payer, authority, program }),
      '05000000',
      [`-w ${programData}`, `-w ${payer}`, `s- ${authority}`, `-w ${program}`],
    ],
    [
      'extendProgram',
      extendProgram({ program, payer, additionalBytes: 10_240 }),
      '06000000' + '00280000',
      [`-w ${programData}`, `-w ${program}`, `-- ${systemProgram}`, `sw ${payer}`],
    ],
    [
      'setAuthorityChecked',
      setAuthorityChecked({ account: programData, authority, newAuthority: next }),
      '07000000',
      [`-w ${programData}`, `s- ${authority}`, `s- ${next}`],
    ],
    [
      'extendProgramChecked',
      extendProgramChecked({ program, authority, payer, additionalBytes: 10_240 }),
      '09000000' + '00280000',
      [`-w ${programData}`, `-w ${program}`, `s- ${authority}`, `-- ${systemProgram}`, `sw ${payer}`],
    ],
  ])('%s has the bytes and accounts that the loader reads', (name, instruction, data, accounts) => {
    expect(instruction.program).toBe(loaders.upgradeable);
    expect(hex(instruction)).toBe(data);
    expect(uses(instruction)).toEqual(accounts);
    expect(loaderInstructionOf(instruction)).toBe(name);
  });

  it('is not recognised in what another program is told, or in other bytes', () => {
    expect(loaderInstructionOf(transfer({ from: payer, to: next, lamports: 1n }))).toBeUndefined();
    const broken = (data: Uint8Array): Instruction => ({ program: loaders.upgradeable, accounts: [], data });
    expect(loaderInstructionOf(broken(Uint8Array.of(1, 0, 0)))).toBeUndefined();
    expect(loaderInstructionOf(broken(Uint8Array.of(10, 0, 0, 0)))).toBeUndefined();
  });
});

describe('instructions of other built-in programs', () => {
  const lamports = fc.bigInt(0n, 2n ** 64n - 1n);

  it('are those of web3.js, to the byte', () => {
    fc.assert(
      fc.property(lamports, fc.nat(10_485_760), fc.nat(1_400_000), (sum, space, units) => {
        expect(transfer({ from: payer, to: next, lamports: sum })).toEqual(
          fromWeb3(
            SystemProgram.transfer({
              fromPubkey: new PublicKey(payer),
              toPubkey: new PublicKey(next),
              lamports: sum,
            }),
          ),
        );
        expect(setComputeUnitLimit(units)).toEqual(
          fromWeb3(ComputeBudgetProgram.setComputeUnitLimit({ units })),
        );
        expect(setComputeUnitPrice(sum)).toEqual(
          fromWeb3(ComputeBudgetProgram.setComputeUnitPrice({ microLamports: sum })),
        );
        const small = Number(sum % 2n ** 53n);
        expect(
          createAccount({
            payer,
            account: buffer,
            lamports: BigInt(small),
            space,
            owner: loaders.upgradeable,
          }),
        ).toEqual(
          fromWeb3(
            SystemProgram.createAccount({
              fromPubkey: new PublicKey(payer),
              newAccountPubkey: new PublicKey(buffer),
              lamports: small,
              space,
              programId: new PublicKey(loaders.upgradeable),
            }),
          ),
        );
      }),
    );
  });
});
