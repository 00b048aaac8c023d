import * as pulumi from '@pulumi/pulumi';
import { CutoverError } from '@cutover/base/errors.ts';
import type { ProgramAuthorityRef } from '@cutover/chain/plan/solana/authority.ts';
import { addressOfKeypair, localKeypair } from '@cutover/chain/plan/solana/signer.ts';
import { timelockAddress } from '@cutover/chain/plan/solana/timelock/addresses.ts';
import { createTimelock } from '@cutover/chain/plan/solana/timelock/instructions.ts';
import { AccountSetting } from '@cutover/chain/resources/account-setting.ts';
import { AccountState, type AccountStateArgs } from '@cutover/chain/resources/account-state.ts';
import { BalanceGuard } from '@cutover/chain/resources/balance-guard.ts';
import { BranchGuard } from '@cutover/chain/resources/branch-guard.ts';
import { BuildGuard } from '@cutover/chain/resources/build-guard.ts';
import { ProgramAuthority } from '@cutover/chain/resources/program-authority.ts';
import { ProgramUpgrade } from '@cutover/chain/resources/program-upgrade.ts';
import { Program } from '@cutover/chain/resources/program.ts';

// A program as infra/ has them, on Pulumi's in-process mocks: providers are serialized only from plain Node, not from
// what a test runner makes of the modules. Prints what was registered and refused, as JSON.
const registered: Record<string, unknown> = {};
const refusals: Record<string, string> = {};
await pulumi.runtime.setMocks(
  {
    newResource: ({ name, inputs }) => {
      registered[name] = inputs;
      return { id: name, state: inputs as Record<string, unknown> };
    },
    call: () => ({}),
  },
  'cutover',
  'dev',
);
const attempt = (name: string, work: (name: string) => unknown): void => {
  try {
    work(name);
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error;
    refusals[name] = error.message;
  }
};

const local = (account: number) => ({ kind: 'local', account }) as const;
const network = { name: 'local', cluster: 'localnet', endpoints: [{ url: 'http://127.0.0.1:1' }] } as const;
const devnet = { name: 'devnet', cluster: 'devnet', endpoints: [{ url: 'https://127.0.0.1:1' }] } as const;
const signer = local(0);
const artifact = 'chain/programs/perps/perps-1.so';
const perps = await Program.prepare({ title: 'perps', artifact, key: local(20) });
const lock = await Program.prepare({
  title: 'lock',
  artifact: 'chain/programs/timelock/timelock.so',
  key: local(21),
});
const createKey = addressOfKeypair(localKeypair(22));
const account = timelockAddress(lock.program, createKey);
const authority: ProgramAuthorityRef = {
  ...{ kind: 'timelock', program: lock.program, account, proposer: local(1), delaySeconds: 172_800 },
};
const key = { kind: 'key', signer } as const;

new Program('perps', { program: perps, network, signer, authority, handOver: 'later', room: 30_000 });
new Program('lock', { program: lock, network, signer, authority: key, close: 'allowed' });
new ProgramAuthority('governance', {
  ...{ title: 'perps', program: pulumi.output(perps.program), network, signer, to: authority },
});
new ProgramUpgrade('upgrade', { program: perps, version: 'v2', network, signer, authority });
const rules = { members: [createKey], threshold: 1, delaySeconds: 172_800, graceSeconds: 604_800 };
const state: AccountStateArgs = {
  ...{ title: 'the rules', address: account, owner: lock.program, form: { kind: 'time lock' } },
  ...{ fields: { createKey }, initially: { delaySeconds: 172_800n } },
  initialize: [createTimelock({ program: lock.program, payer: createKey, createKey, rules })],
  ...{ network, payer: signer, signers: [local(22)] },
};
new AccountState('rules', state);
const { title, address, owner, form, initialize, payer } = state;
const setting = { title, address, owner, form, network, payer, fields: { threshold: 1n }, set: initialize };
new AccountSetting('setting', setting);
new BalanceGuard('funds', { network, account: signer, programs: [perps], keeps: 2n ** 60n });
new BranchGuard('branch', { network: { name: 'godark', cluster: 'mainnet-beta' } });
new BuildGuard('build', { title: 'perps', artifact, sha256: perps.fileHash });

attempt('second', (name) => new Program(name, { program: perps, network, signer, authority: key }));
attempt(
  'public-key',
  (name) => new Program(name, { program: perps, network: devnet, signer, authority: key }),
);
attempt(
  'nobody',
  (name) => new Program(name, { program: perps, network, signer, authority: { kind: 'none' } }),
);
attempt(
  'nobody-later',
  (name) =>
    new ProgramAuthority(name, { title: 'perps', program: 'x', network, signer, to: { kind: 'none' } }),
);
attempt(
  'no-lock',
  (name) =>
    new ProgramUpgrade(name, { program: perps, network, signer, authority: { ...authority, account: 'x' } }),
);
attempt('no-fields', (name) => new AccountState(name, { ...state, fields: {} }));
attempt('no-setting', (name) => new AccountSetting(name, { ...setting, fields: {} }));
attempt('public-key-sets', (name) => new AccountSetting(name, { ...setting, network: devnet }));

await new Promise((resolve) => setTimeout(resolve, 300));
process.stdout.write(JSON.stringify({ registered, refusals, addresses: [perps.program, lock.program] }));
