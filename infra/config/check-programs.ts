import { entries, items, problem, repeated, type Check } from './check.ts';
import { checkName, exampleName, notThere } from './check-names.ts';
import type { ConfigDraft } from './draft.ts';
import { base58Address } from './fields.ts';
import type { Problem } from './problems.ts';
import type { Path } from './show.ts';

type Draft = NonNullable<NonNullable<NonNullable<ConfigDraft['systems']>['godark']>['programs']>;

/** Signers of GoDark's programs that are there and can sign on Solana, a release that is described, a council that can decide. */
export const checkPrograms: Check = (config) => {
  const programs = config.systems?.godark?.programs;
  if (programs === undefined) return [];
  const path = ['systems', 'godark', 'programs'];
  return [
    ...checkKeypair(['systems', 'godark', 'deployer'], config.systems?.godark?.deployer, config),
    ...checkPerps([...path, 'perps'], programs.perps, config),
    ...checkGovernance([...path, 'governance'], programs.governance, config),
  ];
};

function checkPerps(path: Path, perps: Draft['perps'], config: ConfigDraft): Problem[] {
  if (perps === undefined) return [];
  const { key, guardian, relayer, release, releases, markets, unitsPerUsd = Infinity } = perps;
  const names = Object.keys(releases ?? {});
  const symbols = items(markets).flatMap(([index, { symbol }]): [Path, string][] =>
    symbol === undefined ? [] : [[[...path, 'markets', index, 'symbol'], symbol]],
  );
  return [
    ...checkSigner([...path, 'key'], key, config),
    ...checkSigner([...path, 'guardian'], guardian, config),
    ...checkMember([...path, 'relayer'], relayer, config),
    ...(release === undefined || releases === undefined || names.includes(release)
      ? []
      : [notThere([...path, 'release'], release, 'releases', names)]),
    ...items(markets)
      .filter(([, { priceUsd = Infinity }]) => Math.round(priceUsd * unitsPerUsd) === 0)
      .map(([index, { priceUsd }]) =>
        problem(
          [...path, 'markets', index, 'priceUsd'],
          `is ${priceUsd}, less than half a unit: with unitsPerUsd ${unitsPerUsd} the price would be 0`,
        ),
      ),
    ...repeated(symbols).map(({ path: at, value }) => problem(at, `is ${value}, which is there already`)),
  ];
}

function checkGovernance(path: Path, governance: Draft['governance'], config: ConfigDraft): Problem[] {
  if (governance === undefined) return [];
  const { proposer, approvers } = governance;
  const people = [
    ...checkSigner([...path, 'proposer'], proposer, config),
    ...items(approvers).flatMap(([index, name]) => checkSigner([...path, 'approvers', index], name, config)),
  ];
  if (governance.kind !== 'timelock') return people;
  const { key, createKey, threshold } = governance;
  // That there are none at all is told where the list is read.
  const members = governance.members?.length === 0 ? undefined : governance.members;
  const count = members?.length ?? 10;
  const named = items(members).map(([index, name]): [Path, string] => [[...path, 'members', index], name]);
  return [
    ...people,
    ...checkSigner([...path, 'key'], key, config),
    ...checkSigner([...path, 'createKey'], createKey, config),
    ...named.flatMap(([at, name]) => checkMember(at, name, config)),
    ...repeated(named).map(({ path: at, value }) => problem(at, `is ${value}, which is a member already`)),
    ...strangers([...path, 'approvers'], approvers, members, config),
    ...(threshold === undefined || threshold <= count
      ? []
      : [
          problem(
            [...path, 'threshold'],
            `is ${threshold}, and there are ${count} members: nothing could ever be decided`,
            `threshold: ${count}`,
          ),
        ]),
    ...(proposer === undefined || members === undefined || members.includes(proposer)
      ? []
      : [
          problem(
            [...path, 'proposer'],
            `is ${proposer}, which is none of the members; only a member proposes`,
            exampleName([...path, 'proposer'], members[0]),
          ),
        ]),
  ];
}

/** Approvers whose approval would not count. Where members are addresses, only the chain can tell. */
function strangers(
  path: Path,
  approvers: readonly (string | undefined)[] | undefined,
  members: readonly (string | undefined)[] | undefined,
  { signers = {} }: ConfigDraft,
): Problem[] {
  const isSigner = (name: string | undefined): boolean => name !== undefined && Object.hasOwn(signers, name);
  if (members?.every(isSigner) !== true) return [];
  return items(approvers)
    .filter(([, name]) => isSigner(name) && !members.includes(name))
    .map(([index, name]) =>
      problem([...path, index], `is ${name}, which is none of the members: its approval would not count`),
    );
}

/** A signer of the file, or an address: names have no capital letters, addresses nearly always have. */
function checkMember(path: Path, account: string | undefined, config: ConfigDraft): Problem[] {
  const isAddress = account !== undefined && new RegExp(`^${base58Address}$`).test(account);
  const isKnown = account !== undefined && Object.hasOwn(config.signers ?? {}, account);
  return isAddress && !isKnown ? [] : checkSigner(path, account, config);
}

/** A signer that is there and can sign on Solana. */
function checkSigner(path: Path, name: string | undefined, config: ConfigDraft): Problem[] {
  return [...checkName(path, name, 'signers', config), ...checkKeypair(path, name, config)];
}

/** Who signs on Solana, where it is there: KMS signs other curves alone. */
function checkKeypair(path: Path, name: string | undefined, config: ConfigDraft): Problem[] {
  if (name === undefined || config.signers?.[name]?.kind !== 'kms') return [];
  const fitting = entries(config.signers).find(([, { kind }]) => kind !== 'kms')?.[0];
  return [
    problem(path, `is ${name}, a key of KMS; Solana is signed for by a keypair`, exampleName(path, fitting)),
  ];
}
