import { z } from 'zod';
import { about, amount, base58Address, nameOf, named, text, whole } from './fields.ts';

const file = (description: string, example: string) =>
  text(/^(?!\/)[\w./@-]+$/, 'a path relative to the project', description, example);

/** A signer of this file, or an address whose key is elsewhere. */
const account = (description: string, example: string) =>
  text(
    new RegExp(`^([a-z][a-z0-9]*(-[a-z0-9]+)*|${base58Address})$`),
    'the name of a signer of this file, or an address: 32 bytes in base58',
    description,
    example,
  );

const build = {
  artifact: file('Where the build is.', 'target/deploy/godark_perps.so'),
  digest: text(
    /^sha256:[0-9a-f]{64}$/,
    'sha256: and the 64 digits that sha256sum prints',
    'Hash of the reviewed build; another one is refused.',
    'sha256:2a438851c8472a05022822d97031ce78f396c47a55c4503c4a2e90c4771ecbe4',
  ),
} as const;

const release = z.strictObject({
  ...build,
  reads: text(
    /^[\w.-]+$/,
    'the name of a release in the interface file',
    'Which release of the interface file it is: that says which accounts it can read.',
    '1',
  ),
});

const market = z.strictObject({
  symbol: text(/^[A-Z0-9-]{1,16}$/, '1 to 16 capital letters, digits and hyphens', 'The market.', 'SOL-PERP'),
  priceUsd: amount(
    0.000_001,
    1_000_000_000,
    'Its first mark price in US dollars; the relayer sets all later ones.',
    100,
  ),
});

const perps = z.strictObject({
  interface: file(
    'The file that says how the program is called and what its accounts hold.',
    'chain/programs/perps/interface.json',
  ),
  key: nameOf('signer', 'godark-perps'),
  releases: named(release, 'Its reviewed builds by name.'),
  release: nameOf('release', 'v1'),
  relayer: account('Sets mark prices and settles.', 'godark-relayer'),
  guardian: nameOf('signer', 'godark-guardian'),
  unitsPerUsd: whole(
    1,
    1_000_000_000_000,
    'What one US dollar is in the units that the program counts in: 1000000 for a token with six digits.',
    1_000_000,
  ),
  markets: about(
    z.array(market).min(1, { error: 'at least one market is needed' }),
    'Markets, made once. What is there stays when it is left out later.',
  ),
});

const council = {
  proposer: nameOf('signer', 'godark-deployer'),
  approvers: about(
    z.array(nameOf('signer', 'godark-member-1')),
    'Members whose keys this stack may use to approve. None: all approvals come from outside.',
  ).default([]),
} as const;

const timelock = about(
  z.strictObject({
    kind: z.literal('timelock'),
    ...council,
    ...build,
    key: nameOf('signer', 'godark-timelock'),
    createKey: nameOf('signer', 'godark-council'),
    members: about(
      z
        .array(account('A member.', 'godark-member-1'))
        .min(1, { error: 'at least one member is needed' })
        .max(10, { error: 'ten members are the most' }),
      'Who decides; the proposer is one of them.',
    ),
    threshold: whole(1, 10, 'How many of them must approve.', 2),
    graceHours: whole(1, 2160, 'How long after the delay an upgrade may still be executed.', 72),
  }),
  "The project's own time lock program (docs/programs.md): for dev and rehearsals.",
);

const squads = about(
  z.strictObject({
    kind: z.literal('squads'),
    ...council,
    multisig: text(
      new RegExp(`^${base58Address}$`),
      'an address: 32 bytes in base58',
      "The multisig's account, not its vault.",
      'SQDS4ep65T869zMMBKyuUq6aD6EgTu8psMjkvj52pCf',
    ),
    vaultIndex: whole(0, 255, 'Which of its vaults has the programs.', 0).default(0),
  }),
  'A multisig of Squads v4 with its own time lock.',
);

/** GoDark's programs: what is deployed, who may change it, what is set up in it. */
export const godarkProgramsSchema = about(
  z.strictObject({
    perps: about(perps, 'The program that trades are settled by.'),
    governance: about(
      z.discriminatedUnion('kind', [timelock, squads]),
      'Who may upgrade; upgradeDelayHours is how long each upgrade must wait.',
    ),
  }),
  'The programs on Solana. Left out: this stack has none yet.',
);
