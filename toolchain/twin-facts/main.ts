import { writeFileAtomic } from '../../base/atomic-file.ts';
import { CutoverError, messageOf } from '../../base/errors.ts';
import { fromRoot, projectRoot } from '../../base/project.ts';
import { makeFiles, staleFiles } from './files.ts';

// `node toolchain/twin-facts/main.ts` writes what the twin's strictness comes from; with --check it only says whether
// that is current.
try {
  const files = await makeFiles({ doing: (what) => process.stderr.write(`${what} …\n`) });
  const stale = await staleFiles(files, projectRoot);
  if (process.argv.includes('--check') && stale.length > 0) {
    throw new CutoverError('CUT-5351', { files: stale.join(', ') });
  }
  for (const path of stale) await writeFileAtomic(fromRoot(path), files[path] ?? '');
  process.stdout.write(`${Object.keys(files).join(', ')}: current.\n`);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = error instanceof CutoverError ? error.exit : 1;
}
