import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import { readConfig } from '../../infra/config.ts';
import {
  configOf,
  edited,
  listOf,
  refusalOf,
  REMOVED,
  valuesOf,
  type Stack,
  type Values,
} from './config-kit.ts';

const programs = 'systems.godark.programs';
const perps = `${programs}.perps`;
const governance = `${programs}.governance`;
const address = 'SQDS4ep65T869zMMBKyuUq6aD6EgTu8psMjkvj52pCf';
const kms = { kind: 'kms', name: 'alias/godark', region: 'us-east-1' };

interface Case {
  readonly title: string;
  readonly edits: Readonly<Record<string, unknown>>;
  /** The lines that tell of it, all of them. */
  readonly told: readonly string[];
}

function kase(title: string, edits: Case['edits'], ...told: readonly string[]): Case {
  return { title, edits, told };
}

/** Every place where a signer is named, with what it is there. */
const signers = [
  'systems.godark.deployer',
  `${perps}.key`,
  `${perps}.guardian`,
  `${perps}.relayer`,
  `${governance}.proposer`,
  `${governance}.approvers[1]`,
  `${governance}.key`,
  `${governance}.createKey`,
  `${governance}.members[1]`,
];

function lines(edits: Case['edits'], stack: Stack = 'dev'): readonly string[] {
  return listOf(refusalOf(edited(stack, edits), stack))
    .split('\n')
    .map((line) => line.trim());
}

/** What makes prod a stack with the programs of dev, and with keys that it may have. */
function programsOfProd(): Readonly<Record<string, unknown>> {
  const { 'cutover:systems': systems, 'cutover:signers': all } = valuesOf('dev') as Record<string, Values>;
  const names = Object.keys(all ?? {}).filter((name) => name.startsWith('godark-'));
  const kept = names.map((name): [string, unknown] => [
    `signers.${name}`,
    { kind: 'ssm', name: `/godark/prod/solana/${name}` },
  ]);
  return { ...Object.fromEntries(kept), [programs]: (systems?.['godark'] as Values)['programs'] };
}

describe('a signer of the programs', () => {
  it.each(signers)('that nobody describes is refused: %s', (path) => {
    const told = lines({ [path]: 'godark-relayr' });
    expect(told.slice(0, 2)).toEqual([
      `cutover:${path}`,
      'is godark-relayr, which cutover:signers does not describe; did you mean godark-relayer?',
    ]);
  });

  it.each(signers)('that nobody describes is told of once: %s', (path) => {
    const told = lines({ [path]: 'godark-relayr' });
    expect(told.filter((line) => line.startsWith('is godark-relayr, which cutover:signers'))).toHaveLength(1);
  });

  it('may approve as one of the members that stand there as addresses: only the chain can tell', () => {
    const edits = { [`${governance}.members[2]`]: address, [`${governance}.approvers[1]`]: 'godark-relayer' };
    expect(() => readConfig(edited('dev', edits), { stack: 'dev' })).not.toThrow();
  });

  it.each(signers)('that is a key of KMS is refused: %s', (path) => {
    const told = lines({ ...programsOfProd(), 'signers.in-kms': kms, [path]: 'in-kms' }, 'prod');
    expect(told.slice(0, 2)).toEqual([
      `cutover:${path}`,
      'is in-kms, a key of KMS; Solana is signed for by a keypair',
    ]);
  });

  it('may be an address where its key is elsewhere, of a relayer or a member only', () => {
    const values = edited('dev', {
      [`${perps}.relayer`]: address,
      [`${governance}.members[1]`]: address,
      [`${governance}.approvers`]: [],
    });
    expect(() => readConfig(values, { stack: 'dev' })).not.toThrow();
    expect(lines({ [`${perps}.guardian`]: address })[0]).toBe(`cutover:${perps}.guardian`);
  });
});

const mistakes: readonly Case[] = [
  kase(
    'a release that is not there',
    { [`${perps}.release`]: 'v3' },
    `cutover:${perps}.release`,
    'is v3, which releases does not describe; did you mean v1?',
    'for example   release: v1',
  ),
  kase(
    'a market that is there twice',
    { [`${perps}.markets[1].symbol`]: 'SOL-PERP' },
    `cutover:${perps}.markets[1].symbol`,
    'is SOL-PERP, which is there already',
  ),
  kase(
    'a symbol that the program cannot keep',
    { [`${perps}.markets[1].symbol`]: 'btc/usd' },
    `cutover:${perps}.markets[1].symbol`,
    'is "btc/usd"; it must be 1 to 16 capital letters, digits and hyphens',
    'for example   symbol: SOL-PERP',
  ),
  kase(
    'a price of nothing',
    { [`${perps}.markets[0].priceUsd`]: 0 },
    `cutover:${perps}.markets[0].priceUsd`,
    'is 0; the least is 0.000001',
    'for example   priceUsd: 100',
  ),
  kase(
    'no market',
    { [`${perps}.markets`]: [] },
    `cutover:${perps}.markets`,
    'is an empty list; at least one market is needed',
    'for example   markets: [{ symbol: SOL-PERP, priceUsd: 100 }]',
  ),
  kase(
    'nobody who decides',
    { [`${governance}.members`]: [] },
    `cutover:${governance}.members`,
    'is an empty list; at least one member is needed',
    'for example   members: [godark-member-1]',
  ),
  kase(
    'a digest of another kind',
    { [`${perps}.releases.v1.digest`]: 'sha1:2a438851c8472a05' },
    `cutover:${perps}.releases.v1.digest`,
    'is "sha1:2a438851c8472a05"; it must be sha256: and the 64 digits that sha256sum prints',
    'for example   digest: sha256:2a438851c8472a05022822d97031ce78f396c47a55c4503c4a2e90c4771ecbe4',
  ),
  kase(
    'a build outside of the project',
    { [`${perps}.releases.v1.artifact`]: '/tmp/perps.so' },
    `cutover:${perps}.releases.v1.artifact`,
    'is "/tmp/perps.so"; it must be a path relative to the project',
    'for example   artifact: target/deploy/godark_perps.so',
  ),
  kase(
    'more approvals than there are members',
    { [`${governance}.threshold`]: 4 },
    `cutover:${governance}.threshold`,
    'is 4, and there are 3 members: nothing could ever be decided',
    'for example   threshold: 3',
  ),
  kase(
    'a member twice',
    {
      [`${governance}.members[2]`]: 'godark-member-1',
      [`${governance}.approvers[1]`]: 'godark-deployer',
    },
    `cutover:${governance}.members[2]`,
    'is godark-member-1, which is a member already',
  ),
  kase(
    'a proposer who is no member',
    { [`${governance}.proposer`]: 'godark-relayer' },
    `cutover:${governance}.proposer`,
    'is godark-relayer, which is none of the members; only a member proposes',
    'for example   proposer: godark-deployer',
  ),
  kase(
    'a price of nothing',
    { [`${perps}.unitsPerUsd`]: 100, [`${perps}.markets[0].priceUsd`]: 0.004 },
    `cutover:${perps}.markets[0].priceUsd`,
    'is 0.004, less than half a unit: with unitsPerUsd 100 the price would be 0',
  ),
  kase(
    'an approver who is no member',
    { [`${governance}.approvers[1]`]: 'godark-relayer' },
    `cutover:${governance}.approvers[1]`,
    'is godark-relayer, which is none of the members: its approval would not count',
  ),
  kase(
    'another kind of council',
    { [`${governance}.kind`]: 'squad' },
    `cutover:${governance}.kind`,
    'is "squad"; did you mean squads? It must be one of timelock, squads',
  ),
  kase(
    'a council of Squads without its account',
    { [governance]: { kind: 'squads', proposer: 'godark-deployer' } },
    `cutover:${governance}.multisig`,
    "is missing: The multisig's account, not its vault",
    `for example   multisig: ${address}`,
  ),
];

describe('one mistake in the programs is refused', () => {
  it.each(mistakes)('$title', ({ edits, told }) => {
    expect(lines(edits)).toEqual(told);
  });
});

describe('the programs of dev', () => {
  it('may be left out: a stack without any is valid', () => {
    expect(() => readConfig(edited('dev', { [programs]: REMOVED }), { stack: 'dev' })).not.toThrow();
  });

  it('are the committed builds', () => {
    const { perps: exchange, governance: council } = found(configOf('dev').systems.godark.programs);
    const builds = [...Object.values(exchange.releases), ...(council.kind === 'timelock' ? [council] : [])];
    expect(builds.length).toBe(3);
    for (const { artifact, digest } of builds) {
      const [written = ''] = read(`${artifact}.sha256`).toString().split(' ');
      expect([artifact, digest]).toEqual([artifact, `sha256:${written}`]);
      expect(createHash('sha256').update(read(artifact)).digest('hex')).toBe(written);
    }
  });

  it('have keys of their own: no two of them sign with the same', () => {
    const named = Object.entries(valuesOf('dev')['cutover:signers'] as object).filter(([name]) =>
      name.startsWith('godark-'),
    );
    expect(named.length).toBeGreaterThan(6);
    expect(new Set(named.map(([, signer]) => JSON.stringify(signer))).size).toBe(named.length);
  });
});

function read(file: string): Buffer {
  return readFileSync(join(projectRoot, file));
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('it is not there');
  return value;
}
