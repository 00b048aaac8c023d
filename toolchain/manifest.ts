import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { fromRoot, runtimeFolder, toRoot } from '../base/project.ts';

/** Everything that the launcher found or brought for this clone; git ignores it. */
export const toolsFolder = join(runtimeFolder, 'tools');
/** Executables, or links to them. First on PATH of everything that Cutover starts. */
export const binFolder = join(toolsFolder, 'bin');
export const manifestFile = join(toolsFolder, 'manifest.json');

/** The parts that a machine needs, beside Node itself. */
export const partNames = ['packages', 'pulumi', 'mongo', 'valkey', 'postgres', 'anvil', 'surfpool'] as const;
export type PartName = (typeof partNames)[number];

/** A part that was found or brought. */
export interface PresentPart {
  readonly state: 'present';
  readonly version: string;
  /** The executable, or the file that stands for the part. */
  readonly path: string;
  /** Where it came from, in words. */
  readonly origin: string;
  /** Which of several programs serves: a real mongod, or FerretDB in its place. */
  readonly kind?: 'mongod' | 'ferretdb';
}

/** A part that nobody builds for this machine. It is no failure, and not tried again. */
export interface NoBuildPart {
  readonly state: 'no-build';
  readonly reason: string;
}

export type Part = PresentPart | NoBuildPart;

/** What was asked for and what the file looked like: when either changes, the part is looked for again. */
interface Recorded {
  readonly key: string;
  readonly size: number;
  readonly modified: number;
}

export type Manifest = Readonly<Partial<Record<PartName, Part & Recorded>>>;

/** Reads the manifest; an empty one when there is none, or none that can be read. */
export function readManifest(file = manifestFile): Manifest {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof content === 'object' && content !== null
      ? ((content as { parts?: Manifest }).parts ?? {})
      : {};
  } catch {
    return {};
  }
}

/** Whether a part is still what was asked for, and still there. Costs one look at its file. */
export function isCurrent(manifest: Manifest, name: PartName, key: string): boolean {
  const part = manifest[name];
  if (part?.key !== key) return false;
  if (part.state === 'no-build') return true;
  const found = look(part.path);
  return found !== undefined && found.size === part.size && found.modified === part.modified;
}

/** Adds a part to the manifest on disk. SIDE EFFECTS: writes the manifest. */
export async function record(name: PartName, part: Part, key: string): Promise<void> {
  const seen = part.state === 'present' ? look(part.path) : undefined;
  const kept = part.state === 'present' ? { ...part, path: toRoot(part.path) } : part;
  const parts = {
    ...readManifest(),
    [name]: { ...kept, key, size: seen?.size ?? 0, modified: seen?.modified ?? 0 },
  };
  await writeFileAtomic(manifestFile, `${JSON.stringify({ format: 1, parts }, undefined, 2)}\n`);
}

function look(path: string): { readonly size: number; readonly modified: number } | undefined {
  const found = statSync(fromRoot(path), { throwIfNoEntry: false });
  return found === undefined ? undefined : { size: found.size, modified: Math.round(found.mtimeMs) };
}
