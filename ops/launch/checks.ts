/** One thing that must hold for a launch. */
export interface LaunchCheck {
  readonly what: string;
  readonly isWell: boolean;
  readonly found: string;
}

/** What is known of an exchange before its launch. */
export interface LaunchFacts {
  /** The release of the stack file, its hash, and the hash of what runs. */
  readonly release: string;
  readonly wanted: string | undefined;
  readonly runs: string | undefined;
  readonly mode: string;
  readonly limited: boolean;
  readonly users: number;
  readonly admin: string;
  /** Who may upgrade the program, and who was given that. */
  readonly authority: string | undefined;
  readonly heldBy: string | undefined;
  /** Whether an upgrade, or a rollback, is under way. */
  readonly isChanging: boolean;
  /** Lamports of those who must be able to act in an emergency; undefined on a local node, which gives them some. */
  readonly wallets: Readonly<Record<string, bigint>> | undefined;
  readonly processes: readonly { readonly name: string; readonly healthy: boolean; readonly state: string }[];
  /** What the API says of itself; undefined where it does not answer. */
  readonly health: string | undefined;
}

/** What a hundred transactions cost without a priority fee. */
const leastLamports = 1_000_000n;

/** T-2 h: what is deployed is what was reviewed, and those who hold it are those who should. */
export function verificationChecks(facts: LaunchFacts): readonly LaunchCheck[] {
  const { release, wanted, runs, mode, admin, authority, heldBy, isChanging, wallets } = facts;
  const poor = Object.entries(wallets ?? {}).filter(([, lamports]) => lamports < leastLamports);
  return [
    {
      what: `the program runs ${release}`,
      isWell: runs !== undefined && runs === wanted,
      found: runs ?? 'there is no program',
    },
    {
      what: 'its authority is the council’s',
      isWell: authority !== undefined && authority === heldBy && authority !== admin,
      found: authority ?? 'nobody may upgrade it',
    },
    {
      what: 'no upgrade and no rollback is under way',
      isWell: !isChanging,
      found: isChanging ? 'one is' : 'none is',
    },
    { what: 'the exchange runs', isWell: mode === 'running', found: mode },
    {
      what: 'guardian and admin can pay for a pause and its end',
      isWell: poor.length === 0,
      found: poor.length === 0 ? 'they can' : `too little SOL: ${poor.map(([who]) => who).join(', ')}`,
    },
  ];
}

/** T-1 h: everything answers. */
export function healthChecks({ processes, health }: LaunchFacts): readonly LaunchCheck[] {
  const bad = processes.filter(({ healthy }) => !healthy);
  return [
    {
      what: 'all processes are healthy',
      isWell: processes.length > 0 && bad.length === 0,
      found:
        bad.length === 0
          ? `${processes.length} of ${processes.length}`
          : bad.map(({ name, state }) => `${name}: ${state}`).join(', '),
    },
    {
      what: 'the API and all it depends on are healthy',
      isWell: health === 'HEALTHY',
      found: health ?? 'it does not answer',
    },
  ];
}

/** What must hold right before a stage. At T-0 all of it once more: an hour is a long time. */
export function checksBefore(
  stage: 'verification' | 'health' | 'limits',
  facts: LaunchFacts,
): readonly LaunchCheck[] {
  switch (stage) {
    case 'verification':
      return verificationChecks(facts);
    case 'health':
      return healthChecks(facts);
    case 'limits':
      return [...verificationChecks(facts), ...healthChecks(facts)];
  }
}
