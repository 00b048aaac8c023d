import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { projectRoot } from '@cutover/base/project.ts';
import { addressOfKeypair, readKeypair } from '@cutover/chain/plan/solana/signer.ts';
import { readConfig } from '../../infra/config.ts';
import { parseStackFile } from '../../ops/stack-file.ts';
import { changesFor, withChange } from '../../ops/rehearse/changes.ts';
import { standInsFor, type StandIns } from '../../ops/rehearse/stand-ins.ts';
import { changesIn, judge, reportOf, type Observed } from '../../ops/rehearse/step.ts';
import type { LedgerRow } from '../../ops/twin/cloud.ts';

type Stack = 'staging' | 'prod';
const textOf = (stack: Stack): string => readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), 'utf8');
const configIn = (stack: Stack, text: string) =>
  readConfig(parseStackFile(`Pulumi.${stack}.yaml`, text).values, { stack });
const standIns = (
  stack: Stack,
  only?: readonly string[],
  text = textOf(stack),
  withoutSolana?: string,
): StandIns =>
  standInsFor(text, configIn(stack, text), {
    ...{ seed: '1', withoutSolana },
    ...(only !== undefined && { only }),
  });
const edited = (stack: Stack, path: readonly (string | number)[], value: unknown): string => {
  const document = parseDocument(textOf(stack));
  document.setIn(['config', ...path], value);
  return document.toString();
};

describe('what stands in', () => {
  it.each(['staging', 'prod'] as const)('leaves a file of %s that the program accepts', (stack) => {
    const config = configIn(stack, standIns(stack).text);
    for (const network of Object.values(config.networks)) {
      if (network.kind !== 'evm') continue;
      expect(network.endpoints.map(({ url }) => typeof url)).toEqual(['object']);
      expect(network.explorers).toEqual([]);
    }
    expect(config.systems.coinestate.image).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('is a node for each chain that a system uses, with its chain id', () => {
    const chains = (stack: Stack, only?: readonly string[]): readonly string[] =>
      standIns(stack, only).chains.map(({ name, chainId }) => `${name} ${chainId}`);
    expect(chains('staging')).toEqual(['base-sepolia 84532', 'sepolia 11155111', 'polygon-amoy 80002']);
    expect(chains('prod')).toEqual(['ethereum 1']);
    expect(chains('staging', ['sop138'])).toEqual(['polygon-amoy 80002']);
  });

  it('puts every secret where the stack file says, but not what the stack writes itself', () => {
    const names = standIns('staging').parameters.map(({ name, region }) => `${region} ${name}`);
    expect(names).toContain('us-east-1 /coinestate/staging/jwt/secret');
    expect(names).toContain('us-east-1 /coinestate/staging/blockchain/private-key');
    expect(names).toContain('us-east-1 /cutover/staging/rpc/sepolia');
    expect(names).not.toContain('us-east-1 /coinestate/staging/database/url');
    expect(new Set(names).size).toBe(names.length);
  });

  it('keeps Safes where they are and gives them owners of the rehearsal', () => {
    const { safes, owners, text } = standIns('prod');
    expect(safes).toContain('0x5afE200000000000000000000000000000000004');
    expect(owners).toHaveLength(3);
    expect(configIn('prod', text).authorities['coinestate-safe']).toMatchObject({
      signers: ['rehearsal-owner-1', 'rehearsal-owner-2'],
    });
  });

  it('waits for no time lock: the longest delay is passed', () => {
    const seconds = (...args: Parameters<typeof standIns>): number => standIns(...args).delaySeconds;
    expect([seconds('staging', ['coinestate']), seconds('staging'), seconds('prod')]).toEqual([
      ...[3600, 48 * 3600, 48 * 3600],
    ]);
  });

  it('is the same for the same seed, and another for another', () => {
    const text = textOf('staging');
    const drawn = (seed: string): string =>
      JSON.stringify(standInsFor(text, configIn('staging', text), { seed }).parameters);
    expect(drawn('1')).toBe(drawn('1'));
    expect(drawn('1')).not.toBe(drawn('2'));
  });

  it('tells of each thing that it replaces, and of no value', () => {
    const { lines, parameters, funded } = standIns('staging');
    for (const name of ['sepolia:', 'Safes:', 'explorers:', 'signers:', 'time locks:', 'secrets:']) {
      expect(lines.filter((line) => line.startsWith(name))).toHaveLength(1);
    }
    const values = [
      ...parameters.flatMap(({ holds }) => (holds.kind === 'text' ? [holds.value] : [])),
      ...funded.map((key) => key.privateKey),
    ];
    expect(values.filter((value) => lines.join('\n').includes(value))).toEqual([]);
  });

  it('gives a key to a signer of the environment, and tells nobody of the transactions', () => {
    const signed = edited('staging', ['cutover:signers', 'escrow-pauser'], { kind: 'env', name: 'A_KEY' });
    const { text, parameters } = standIns('staging', undefined, signed);
    const name = '/cutover/staging/rehearsal/escrow-pauser';
    expect(configIn('staging', text).signers['escrow-pauser']).toEqual({ kind: 'ssm', name });
    expect(parameters.map((each) => each.name)).toContain(name);
    expect(configIn('staging', text).notifications).toBeUndefined();
  });

  it('refuses a system that there is not, with the one that was meant', () => {
    expect(() => standIns('staging', ['coinestat'])).toThrow(/CUT-5521 .*coinestat[\s\S]*mean coinestate/);
  });
});

describe('what stands in for Solana', () => {
  it.each([
    ['staging', 'solana-devnet', 'devnet'],
    ['prod', 'solana-mainnet', 'mainnet-beta'],
  ] as const)('on %s is a node for %s, by an endpoint of its own', (stack, name, standsFor) => {
    const { clusters, chains, parameters, text } = standIns(stack, ['godark']);
    expect([clusters, chains]).toEqual([[{ name }], []]);
    const network = configIn(stack, text).networks[name];
    expect(network).toMatchObject({ cluster: 'localnet', standsFor, endpoints: [{ url: { kind: 'ssm' } }] });
    const urls = parameters.flatMap(({ holds }) => (holds.kind === 'url of' ? [holds.chain] : []));
    expect(urls).toEqual([name]);
  });

  it("is a council of three, two of whose keys are here, on the project's time lock with the delay that was promised", () => {
    const { text, delaySeconds, lines } = standIns('prod', ['godark']);
    const { programs, upgradeDelayHours } = configIn('prod', text).systems.godark;
    expect(programs?.governance).toMatchObject({
      ...{ kind: 'timelock', threshold: 2, proposer: 'godark-deployer' },
      members: ['godark-deployer', 'rehearsal-member-1', 'rehearsal-member-2'],
      approvers: ['rehearsal-member-1', 'rehearsal-member-2'],
    });
    expect([upgradeDelayHours, delaySeconds]).toEqual([48, 48 * 3600]);
    expect(lines.join('\n')).toMatch(
      /in place of the Squads multisig CounciLofGoDarkProd1\S+, whose program is in no registry; its delay of 48 h/,
    );
  });

  it('takes the build of the time lock as it lies in the project', () => {
    const { programs } = configIn('prod', standIns('prod', ['godark']).text).systems.godark;
    if (programs?.governance.kind !== 'timelock') throw new Error('no time lock');
    const { artifact, digest } = programs.governance;
    const written = readFileSync(join(projectRoot, `${artifact}.sha256`), 'utf8');
    expect(digest).toBe(`sha256:${written.split(' ')[0]}`);
  });

  it('gives each signer a keypair where the stack file says, and funds those that pay', () => {
    const { parameters, paying } = standIns('staging', ['godark']);
    const addressAt = (place: string): string => {
      const holds = parameters.find(({ name }) => name === place)?.holds;
      const signer = { kind: 'ssm', name: place } as const;
      return addressOfKeypair(readKeypair(holds?.kind === 'text' ? holds.value : '', signer));
    };
    const at = (name: string): string => addressAt(`/godark/staging/solana/${name}`);
    const member = (number: number): string =>
      addressAt(`/cutover/staging/rehearsal/rehearsal-member-${number}`);
    // Nothing may be at the program's address before it.
    expect(paying).not.toContain(at('perps-program-key'));
    expect(paying.toSorted()).toEqual([at('deployer-key'), at('guardian-key'), member(1), member(2)].sort());
  });

  it('is left out where no node of Solana runs, and refused where nothing else is asked for', () => {
    const { systems, clusters, lines, text } = standIns('staging', undefined, undefined, 'linux-arm64');
    expect([systems.includes('godark'), clusters]).toEqual([false, []]);
    expect(configIn('staging', text).systems.godark.enabled).toBe(false);
    expect(lines).toContain('godark: left out, no Solana node for linux-arm64');
    expect(() => standIns('staging', ['godark'], undefined, 'linux-arm64')).toThrow(/CUT-5525 .*linux-arm64/);
  });

  it('is nothing where a stack has no programs yet', () => {
    const document = parseDocument(textOf('staging'));
    document.deleteIn(['config', 'cutover:systems', 'godark', 'programs']);
    const text = document.toString();
    const { clusters, paying, lines } = standIns('staging', ['godark'], text);
    expect([clusters, paying]).toEqual([[], []]);
    expect(lines).toContain('solana-devnet: left out, nothing of this stack is on it yet');
  });
});

describe('the changes', () => {
  it('are one of a size, one of a setting and one that replaces, each good for the program', () => {
    const text = textOf('staging');
    const config = configIn('staging', text);
    const changes = changesFor(config, ['coinestate']);
    expect(changes.map(({ name }) => name.split(':')[0])).toEqual([
      ...['change of a size', 'change of a setting', 'change that replaces'],
    ]);
    const changed = changes.reduce(withChange, text);
    expect(configIn('staging', changed).systems.coinestate).toMatchObject({
      ...{ task: { memoryGb: 2 }, database: { backupDays: 8 } },
      hosts: { api: 'staging-api-2.coinestate.io' },
    });
  });

  it("upgrade GoDark's program to its other release, on the chain alone", () => {
    const text = textOf('prod');
    const [change, ...others] = changesFor(configIn('prod', text), ['godark']);
    if (change === undefined) throw new Error('no change');
    expect([change.calls, change.isOnChain, others]).toEqual([[], true, []]);
    const changed = configIn('prod', withChange(text, change)).systems.godark.programs;
    expect(changed?.perps.release).toBe('v2');
  });

  it('are none where a stack has contracts alone', () => {
    const config = configIn('staging', textOf('staging'));
    expect(changesFor(config, ['gemforce'])).toEqual([]);
  });
});

const row = (operation: string, type: string, outcome: LedgerRow['outcome'] = 'done'): LedgerRow => ({
  ...{ seq: 1, at: 0, pid: 1, operation, type, id: '', urn: '', account: '', region: '', outcome },
  ...(outcome === 'refused' && { code: 'InvalidParameterValue' }),
});
const observed = (rest: Partial<Observed> = {}): Observed => ({
  ...{ outcome: 'done', said: [], waits: [], ledger: [], things: 0, transactions: 0 },
  engine: { created: 0, updated: 0, removed: 0 },
  ...rest,
});
const service = 'aws:ecs/service:Service';

describe('a step', () => {
  it('that may change nothing is bad with one call or one transaction', () => {
    const expected = { kind: 'nothing changes' } as const;
    expect(judge(expected, observed({ ledger: [row('read', service)] }))).toEqual([]);
    expect(judge(expected, observed({ ledger: [row('update', service)] }))).toEqual([
      `nothing may change, but update ${service} was called`,
    ]);
    expect(judge(expected, observed({ transactions: 2 }))).toEqual([
      'nothing may change, but 2 transactions were sent',
    ]);
  });

  it('that changes is bad with a call too few and with one too many', () => {
    const expected = { kind: 'calls', calls: [`update ${service}`] } as const;
    expect(judge(expected, observed({ ledger: [row('update', service)] }))).toEqual([]);
    expect(judge(expected, observed({ ledger: [row('delete', service)] }))).toEqual([
      `update ${service} was not called`,
      `delete ${service} was called too`,
    ]);
  });

  it('that is made on a chain is bad without a transaction, and while it waits for somebody', () => {
    const expected = { kind: 'calls', calls: [], isOnChain: true } as const;
    expect(judge(expected, observed({ transactions: 3 }))).toEqual([]);
    expect(judge(expected, observed())).toEqual(['no transaction was sent']);
    expect(judge(expected, observed({ transactions: 3, waits: ['the upgrade: its delay'] }))).toEqual([
      'it still waits: the upgrade: its delay',
    ]);
  });

  it('that comes up is bad when the cloud says no, when nothing is made, and while somebody has to approve', () => {
    const expected = { kind: 'comes up' } as const;
    const engine = { created: 1, updated: 0, removed: 0 };
    expect(judge(expected, observed({ engine }))).toEqual([]);
    expect(judge(expected, observed())).toEqual(['nothing was made']);
    expect(judge(expected, observed({ engine, ledger: [row('create', service, 'refused')] }))).toEqual([
      `the cloud refused create ${service}: InvalidParameterValue`,
    ]);
    expect(judge(expected, observed({ engine, waits: ['the roof: 2 approvals'] }))).toEqual([
      'it still waits: the roof: 2 approvals',
    ]);
  });

  it('that must be refused is bad when it is not, when it is for another reason, and when something went first', () => {
    const expected = { kind: 'is refused', because: 'protected' } as const;
    const said = ['it cannot be deleted because it is protected'];
    expect(judge(expected, observed({ outcome: 'failed', said }))).toEqual([]);
    expect(judge(expected, observed())).toEqual(['it must be refused, and was not']);
    expect(judge(expected, observed({ outcome: 'failed' }))).toEqual([
      'it was refused for another reason than "protected"',
    ]);
    expect(judge(expected, observed({ outcome: 'failed', said, ledger: [row('delete', service)] }))).toEqual([
      `it changed something before it was refused: delete ${service}`,
    ]);
  });

  it('that takes down is bad when something is left', () => {
    expect(judge({ kind: 'nothing is left' }, observed({ things: 1 }))).toEqual([
      '1 things are left in the cloud',
    ]);
  });

  it('that was interrupted is bad, whatever it did', () => {
    expect(judge({ kind: 'nothing is left' }, observed({ outcome: 'interrupted' }))).toEqual([
      'it was interrupted',
    ]);
  });

  it('is reported with each call counted and each kind of call named once', () => {
    const ledger = [row('create', service), row('create', service), row('read', service)];
    expect(changesIn(ledger)).toEqual([`create ${service}`]);
    const report = reportOf('up', { kind: 'comes up' }, observed({ ledger }), { seconds: 1, runs: 1 });
    expect(report.cloud).toEqual({ changes: 2, refused: 0, things: 0 });
  });
});
