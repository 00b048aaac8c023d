import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../base/project.ts';
import { partKey } from './keys.ts';
import { binFolder, isCurrent, readManifest } from './manifest.ts';
import { needOf, partsOf } from './needs.ts';

// What follows runs before every command, so it loads little and reads a dozen small files. When all that the command
// needs is there, that is all; bring.ts is loaded only when something is missing.
const argv = process.argv.slice(2);
// doctor tells what is missing; it brings nothing unless it is asked to.
const onlyTells = argv[0] === 'doctor' && !argv.some((word) => ['--bring', '--help', '-h'].includes(word));
const manifest = readManifest();
const missing = partsOf(needOf(argv)).filter((name) => !isCurrent(manifest, name, partKey(name)));

process.env['PATH'] = [binFolder, ...withoutOurs(process.env['PATH'])].join(delimiter);
try {
  if (missing.length > 0 && !onlyTells) {
    const { bring } = await import('./bring.ts');
    await bring(missing);
  }
  await handOver();
} catch (error) {
  const { CutoverError, messageOf } = await import('../base/errors.ts');
  if (error instanceof CutoverError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exit;
  } else {
    const where = process.env['CUTOVER_DEBUG'] === '1' && error instanceof Error ? `\n${error.stack}` : '';
    process.stderr.write(`CUT-5100 ${messageOf(error)}${where}\n`);
    process.stderr.write('  fix: this was not foreseen; CUTOVER_DEBUG=1 shows where it happened\n');
    process.exitCode = 1;
  }
}

/** The same process goes on as the command: Node starts once, and Ctrl-C goes where it should. */
async function handOver(): Promise<void> {
  // doctor must work when the packages are missing that all commands stand on; it is then run by itself.
  const file = onlyTells && missing.length > 0 ? 'doctor.ts' : 'main.ts';
  const target = join(projectRoot, 'ops', file);
  process.argv[1] = target;
  // By its address, not by name: the toolchain knows where the commands are, and nothing of them.
  const loaded = (await import(pathToFileURL(target).href)) as {
    runDoctor?: (argv: string[]) => Promise<void>;
  };
  if (file === 'doctor.ts') await loaded.runDoctor?.(argv.slice(1));
}

function withoutOurs(path: string | undefined): string[] {
  return (path ?? '').split(delimiter).filter((folder) => folder !== binFolder && folder !== '');
}
