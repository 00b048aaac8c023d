import { join } from 'node:path';
import { fromRoot } from '../base/project.ts';
import { downloadEnvironment } from '../base/user-cache.mjs';
import { run } from './run.ts';
import { findOnPath } from './search-path.ts';
import { withHelp } from './strange-certificate.mjs';
import type { Step } from './steps.ts';

/** What is known of Go on this machine, for one module. */
export type Go =
  | { readonly state: 'ready'; readonly program: string; readonly version: string }
  | { readonly state: 'absent' }
  | { readonly state: 'too-old'; readonly why: string };

/** A build of programs from one of the modules below toolchain/go. */
export interface GoBuild {
  readonly go: string;
  /** Folder of the module below toolchain/go. */
  readonly module: string;
  readonly packages: readonly string[];
  readonly linkerFlags?: string;
  /** Folder that the programs are written to. */
  readonly into: string;
}

/**
 * Looks for a Go that can build a module. Go itself compares its version with the module's, and where the machine
 * lets it (GOTOOLCHAIN), fetches the newer one that is asked for.
 */
export async function findGo(module: string, step: Step): Promise<Go> {
  const program = findOnPath('go')[0];
  if (program === undefined) return { state: 'absent' };
  step.doing('looking at Go');
  const asked = await run(program, ['version'], { cwd: moduleFolder(module), env: goEnvironment() });
  if (asked.status !== 0) return { state: 'too-old', why: asked.said };
  return { state: 'ready', program, version: /go(\d\S*)/.exec(asked.stdout)?.[1] ?? 'of an unknown version' };
}

/**
 * Builds static programs and says how far it is. go.sum names the content of every module, so nothing else is built
 * than what was tried; undefined when it worked, else the last lines of the build.
 */
export async function goBuild(build: GoBuild, step: Step): Promise<string | undefined> {
  const options = { cwd: moduleFolder(build.module), env: goEnvironment() };
  step.doing('fetching Go modules');
  let fetched = 0;
  const listed = await run(build.go, ['list', '-deps', ...build.packages], {
    ...options,
    onLine: (line) => {
      if (line.startsWith('go: downloading ')) step.doing(`fetching Go modules, ${++fetched} so far`);
    },
  });
  if (listed.status !== 0) return withHelp(listed.said);
  const total = listed.stdout.split('\n').length;
  let compiled = 0;
  step.doing(`compiling ${total} Go packages`);
  const args = [
    'build',
    '-v',
    '-trimpath',
    '-buildvcs=false',
    '-ldflags',
    `-s -w ${build.linkerFlags ?? ''}`,
  ];
  const built = await run(build.go, [...args, '-o', build.into + '/', ...build.packages], {
    ...options,
    onLine: () => step.doing(`compiled ${++compiled} of ${total} Go packages`),
  });
  return built.status === 0 ? undefined : built.said;
}

function moduleFolder(module: string): string {
  return fromRoot(join('toolchain', 'go', module));
}

function goEnvironment(): NodeJS.ProcessEnv {
  const environment = downloadEnvironment();
  // Go write-protects the modules that it keeps; in a cache of ours that would only make it hard to remove.
  const removable = environment === process.env ? '' : ' -modcacherw';
  return {
    // The compiler spends a fifth of its time collecting garbage that there is memory for.
    GOGC: '400',
    ...environment,
    CGO_ENABLED: '0',
    // A workspace file in some folder above, or a go.mod that changes as it builds, would make another program.
    GOWORK: 'off',
    GOFLAGS: `-mod=readonly${removable}`,
  };
}
