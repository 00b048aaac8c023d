import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Interface } from 'ethers';
import * as prettier from 'prettier';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { fromRoot, projectRoot } from '@cutover/base/project.ts';
import type { Artifact } from '@cutover/chain/plan/artifact.ts';
import { compileSource } from '@cutover/chain/evm/compile.ts';
import { startChain, type Chain } from './chain-kit.ts';
import { contractKey, meterOn, type Readings } from './gas-report-meter.ts';
import { gasReport, type MeasuredContract } from './gas-report-text.ts';

/** What a file `*.gas.ts` beside this one exports as `scenario`: the main operations, done on the chain given. */
export type GasScenario = (chain: Chain) => Promise<unknown>;

/** Where the report is, relative to the project. */
export const reportFile = 'docs/gas.md';

/** Measures every contract and writes the report down. SIDE EFFECTS: runs a node for each scenario. */
export async function makeGasReport(): Promise<string> {
  const readings = new Map<string, Readings>();
  for (const file of globSync('*.gas.ts', { cwd: import.meta.dirname }).sort()) {
    const { scenario } = (await import(pathToFileURL(`${import.meta.dirname}/${file}`).href)) as {
      scenario: GasScenario;
    };
    for (const [key, noted] of await onFreshChain(scenario)) readings.set(key, noted);
  }
  const contracts: MeasuredContract[] = [];
  for (const { source, name } of ownContracts()) {
    const artifact = await compileSource({ source, contract: name, log: () => {} });
    if (!artifact.abi.some(canBeCalled)) continue;
    const noted = readings.get(contractKey(source, name)) ?? (await deployAlone(source, name, artifact));
    contracts.push({
      name,
      source,
      size: (artifact.runtimeCode.length - 2) / 2,
      deployment: noted?.deployments[0],
      calls: noted?.calls ?? new Map<string, bigint[]>(),
    });
  }
  const text = gasReport(contracts, { solc: versionOf('solc'), anvil: pinnedAnvil() });
  const path = fromRoot(reportFile);
  return prettier.format(text, { ...(await prettier.resolveConfig(path)), filepath: path });
}

async function onFreshChain(scenario: GasScenario): Promise<ReadonlyMap<string, Readings>> {
  const chain = await startChain();
  try {
    const meter = await meterOn(chain);
    await scenario(meter.chain);
    return meter.readings;
  } finally {
    await chain.stop();
  }
}

/** A contract that no scenario knows is at least deployed, if it can be without arguments and libraries. */
async function deployAlone(source: string, name: string, artifact: Artifact): Promise<Readings | undefined> {
  const wants = new Interface(artifact.abi).deploy.inputs.length;
  if (wants > 0 || Object.keys(artifact.linkReferences).length > 0) return undefined;
  const readings = await onFreshChain((chain) => chain.deploy(source, name));
  return readings.get(contractKey(source, name));
}

interface OwnContract {
  readonly source: string;
  readonly name: string;
}

/** Every contract and library that can be deployed. Our sources begin them at the beginning of a line. */
function ownContracts(): OwnContract[] {
  return globSync('chain/contracts/**/*.sol', { cwd: projectRoot })
    .sort()
    .flatMap((source) =>
      [...readFileSync(fromRoot(source), 'utf8').matchAll(/^(?:contract|library) (\w+)/gm)].map(
        ([, name = '']) => ({ source, name }),
      ),
    );
}

/** A library that is built into contracts has none of these, and no place of its own on a chain. */
function canBeCalled({ type }: Artifact['abi'][number]): boolean {
  return type === 'function' || type === 'fallback' || type === 'receive';
}

function versionOf(name: string): string {
  return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
}

function pinnedAnvil(): string {
  const pins = JSON.parse(readFileSync(fromRoot('toolchain/pins.json'), 'utf8')) as {
    anvil: { version: string };
  };
  return pins.anvil.version;
}

if (import.meta.main) {
  await writeFileAtomic(fromRoot(reportFile), await makeGasReport());
  process.stdout.write(`wrote ${reportFile}\n`);
}
