import { entries, problem, type Check } from './check.ts';
import { checkAccount, checkName } from './check-names.ts';
import type { ConfigDraft } from './draft.ts';
import type { Problem } from './problems.ts';

/** Names that lead somewhere and to one thing, and nothing in front of a time lock but a signer or a Safe. */
export const checkAuthorities: Check = (config) =>
  entries(config.authorities).flatMap(([name, authority]): Problem[] => {
    const path = ['authorities', name];
    const taken = Object.hasOwn(config.signers ?? {}, name)
      ? [problem(path, 'is a signer already; a name leads to one account')]
      : [];
    switch (authority.kind) {
      case 'safe':
        return [
          ...taken,
          ...checkName([...path, 'gas'], authority.gas, 'signers', config),
          ...(authority.signers ?? []).flatMap((owner, index) =>
            checkName([...path, 'signers', index], owner, 'signers', config),
          ),
        ];
      case 'timelock':
        return [
          ...taken,
          ...checkName([...path, 'executor'], authority.executor, 'signers', config),
          ...checkAccount([...path, 'proposer'], authority.proposer, config),
          ...checkProposer(name, authority.proposer, config.authorities),
        ];
      case undefined:
        return taken;
    }
  });

function checkProposer(
  name: string,
  proposer: string | undefined,
  authorities: ConfigDraft['authorities'],
): Problem[] {
  if (proposer === undefined || authorities?.[proposer]?.kind !== 'timelock') return [];
  const fitting = entries(authorities).find(([, { kind }]) => kind === 'safe')?.[0];
  return [
    problem(
      ['authorities', name, 'proposer'],
      `is ${proposer}, a time lock itself; a Safe or a signer proposes`,
      `proposer: ${fitting ?? 'gemforce-safe'}`,
    ),
  ];
}
