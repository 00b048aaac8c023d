import { readLayout } from '../plan/layout/compact.ts';
import type { LayoutReading } from '../plan/layout/layout.ts';
import { loadArtifact, type ArtifactRef } from './artifacts.ts';

/**
 * The storage layout of a compiled contract, or why it is not known. SIDE EFFECTS: those of `loadArtifact`.
 */
export async function loadLayout(ref: ArtifactRef): Promise<LayoutReading> {
  return readLayout((await loadArtifact(ref)).storageLayout);
}
