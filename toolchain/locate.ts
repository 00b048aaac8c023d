import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromRoot } from '../base/project.ts';
import { partKey } from './keys.ts';
import { isCurrent, readManifest, toolsFolder, type PresentPart } from './manifest.ts';

export type ToolName = 'node' | 'pulumi' | 'mongo' | 'valkey' | 'postgres' | 'anvil' | 'surfpool';

/** A program, or the addon of surfpool, where this clone has it. */
export interface Tool {
  readonly path: string;
  readonly version: string;
  /** Where it came from, in words. */
  readonly origin: string;
  readonly kind?: 'mongod' | 'ferretdb';
}

/** Tells where a tool is; undefined when the launcher has not brought it, or it has gone since. Takes milliseconds. */
export function locateTool(name: ToolName): Tool | undefined {
  if (name === 'node') return readNode();
  const manifest = readManifest();
  const part = manifest[name];
  if (part?.state !== 'present' || !isCurrent(manifest, name, partKey(name))) return undefined;
  return asTool(part);
}

function asTool({ path, version, origin, kind }: PresentPart): Tool {
  return { path: fromRoot(path), version, origin, ...(kind === undefined ? {} : { kind }) };
}

// Written by bring-node.mjs, which runs before there is a manifest.
function readNode(): Tool | undefined {
  try {
    return JSON.parse(readFileSync(join(toolsFolder, 'node.json'), 'utf8')) as Tool;
  } catch {
    return undefined;
  }
}
