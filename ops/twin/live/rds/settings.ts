import type { WantedInstance } from './wanted.ts';

/** Who RDS itself works as in a database; the password is in a file of the rehearsal. */
export const administrator = 'rdsadmin';

/** Where a server is, and what beside its instance decides about its settings. */
export interface ServerPlace {
  readonly port: number;
  /** Where full segments of the log are put. */
  readonly walFolder: string;
  /** Parameters that this PostgreSQL knows, and libraries that are there to be loaded. */
  readonly known: ReadonlySet<string>;
  readonly libraries: ReadonlySet<string>;
  /** While the data is brought to where it begins. */
  readonly recovery?: Recovery;
}

/** Where the log comes from that is played, and how far. */
export type Recovery =
  | { readonly kind: 'stream'; readonly port: number; readonly password: string; readonly slot: string }
  | { readonly kind: 'archive'; readonly walFolder: string; readonly until?: string };

// Ours, or of a machine that this one is not.
const ours =
  /^(rds\.|aurora_|listen_addresses$|port$|ssl$|ssl_(ca|cert|crl|key)_|unix_socket|archive_|restore_command$|recovery_|primary_|data_directory$|hba_file$|ident_file$|config_file$|external_pid|logging_collector$|log_(destination|directory|file)|shared_buffers$|effective_cache_size$|huge_pages)/;

/** Which parameters of a group are not set here. */
export function leftOut(
  { parameters }: Pick<WantedInstance, 'parameters'>,
  { known }: Pick<ServerPlace, 'known'>,
): readonly string[] {
  return Object.keys(parameters).filter((name) => !isTaken(name, parameters[name] ?? '', known));
}

/** The whole postgresql.conf of an instance. */
export function serverSettings(wanted: WantedInstance, place: ServerPlace): string {
  const taken = Object.entries(wanted.parameters)
    .filter(([name, value]) => isTaken(name, value, place.known))
    .map(([name, value]): [string, string] => [
      name,
      name === 'shared_preload_libraries' ? librariesOf(value, place.libraries) : value,
    ]);
  const own: [string, string][] = [
    ['listen_addresses', '127.0.0.1'],
    ['port', String(place.port)],
    ['unix_socket_directories', ''],
    ['ssl', 'on'],
    ['ssl_cert_file', 'server.crt'],
    ['ssl_key_file', 'server.key'],
    ['timezone', 'UTC'],
    ['log_timezone', 'UTC'],
    // It outlives the end of any process; it need not outlive a power cut.
    ['fsync', 'off'],
    ['wal_level', 'replica'],
    ['archive_mode', 'on'],
    // Turned on and off without a restart; `true` keeps nothing.
    ['archive_command', wanted.keepsBackups ? archiveCommand(place.walFolder) : 'true'],
    // RDS sends its log away every five minutes.
    ['archive_timeout', '300'],
    ...recoverySettings(place.recovery),
  ];
  return [...taken, ...own].map(([name, value]) => `${name} = ${quoted(value)}\n`).join('');
}

/** Who may come in, and whether only with TLS. What no line lets in is refused in the words of RDS. */
export function accessRules({ forcesTls }: Pick<WantedInstance, 'forcesTls'>): string {
  return [
    `hostnossl all ${administrator} 127.0.0.1/32 scram-sha-256`,
    `hostnossl replication ${administrator} 127.0.0.1/32 scram-sha-256`,
    `${forcesTls ? 'hostssl' : 'host'} all all 127.0.0.1/32 scram-sha-256`,
    '',
  ].join('\n');
}

function isTaken(name: string, value: string, known: ReadonlySet<string>): boolean {
  // Values such as {DBInstanceClassMemory/9531392} are of a machine too.
  if (ours.test(name) || value.includes('{')) return false;
  return known.has(name) || name.includes('.');
}

function librariesOf(value: string, there: ReadonlySet<string>): string {
  return value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => there.has(each))
    .join(',');
}

function recoverySettings(recovery: Recovery | undefined): [string, string][] {
  if (recovery === undefined) return [];
  if (recovery.kind === 'stream') {
    const { port, password, slot } = recovery;
    return [
      [
        'primary_conninfo',
        `host=127.0.0.1 port=${port} user=${administrator} password=${password} sslmode=disable`,
      ],
      ['primary_slot_name', slot],
    ];
  }
  return [
    ['restore_command', `cp ${inShell(`${recovery.walFolder}/`)}%f %p`],
    ['recovery_target_action', 'promote'],
    ...(recovery.until === undefined
      ? []
      : [['recovery_target_time', timeOf(recovery.until)] as [string, string]]),
  ];
}

// Names of zones, Z too, are not known yet where the file is read.
function timeOf(text: string): string {
  return text.replace('T', ' ').replace('Z', '+00');
}

/** Whole or not at all, and again where a crash came between. */
function archiveCommand(folder: string): string {
  const to = `${inShell(`${folder}/`)}%f`;
  return `cp %p ${to}.part && mv ${to}.part ${to}`;
}

function inShell(path: string): string {
  return `'${path.replaceAll("'", String.raw`'\''`).replaceAll('%', '%%')}'`;
}

function quoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\n', '\\n')}'`;
}
