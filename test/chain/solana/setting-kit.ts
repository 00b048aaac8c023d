import { perpsInterface } from '@cutover/chain/programs/perps/interface.ts';
import { keptFields } from '@cutover/chain/plan/solana/account-form.ts';
import { programDataAddress } from '@cutover/chain/plan/solana/address.ts';
import { keptInstruction } from '@cutover/chain/plan/solana/kept-instruction.ts';
import { accountAddress } from '@cutover/chain/plan/solana/perps/accounts.ts';
import { instructionOf } from '@cutover/chain/plan/solana/perps/instructions.ts';
import type { SolanaNetworkRef } from '@cutover/chain/plan/solana/network.ts';
import type { AccountSettingInputs } from '@cutover/chain/solana/account-setting-handler.ts';
import type { AccountStateInputs } from '@cutover/chain/solana/account-state-handler.ts';
import { deployer, deployerAddress, otherAddress } from './resource-kit.ts';

export const limits = {
  ...{ limited: 1, maxUsers: 10n, maxTvl: 10_000n, maxDeposit: 1_000n },
  ...{ maxPosition: 500n, maxLeverage: 20n },
} as const;

export type Limits = { readonly [Name in keyof typeof limits]: number | bigint };

const form = {
  kind: 'interface',
  file: 'chain/programs/perps/interface.json',
  account: 'exchange',
} as const;

/** The exchange of a perps program, with the limits of the beta. */
export function exchangeOf(program: string, network: SolanaNetworkRef): AccountStateInputs {
  const exchange = accountAddress(perpsInterface, program, 'exchange');
  const { limited: _, ...values } = limits;
  const accounts = {
    ...{ payer: deployerAddress, admin: deployerAddress, exchange },
    programData: programDataAddress(program),
  };
  const initialise = instructionOf(perpsInterface, 'initialise', {
    ...{ program, accounts },
    arguments: { relayer: otherAddress, guardian: otherAddress, ...values },
  });
  return {
    ...{ title: 'the exchange', address: exchange, owner: program, form, network },
    ...{ fields: keptFields({ admin: deployerAddress }), payer: deployer, signers: [] },
    initialize: [keptInstruction(initialise)],
  };
}

/** Its limits as a setting. */
export function limitsOf(
  program: string,
  network: SolanaNetworkRef,
  more: Partial<Limits> = {},
): AccountSettingInputs {
  const exchange = accountAddress(perpsInterface, program, 'exchange');
  const wanted = { ...limits, ...more };
  const accounts = { admin: deployerAddress, exchange };
  const set = instructionOf(perpsInterface, 'setLimits', { program, accounts, arguments: wanted });
  return {
    ...{ title: 'the limits of the beta', address: exchange, owner: program, form, network },
    ...{ fields: keptFields(wanted), set: [keptInstruction(set)], payer: deployer, signers: [] },
  };
}
