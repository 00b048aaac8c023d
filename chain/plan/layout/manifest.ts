import { normalLayout, readCompilerLayout, type CompilerArea } from './compiler-layout.ts';
import type { LayoutReading } from './layout.ts';
import { erc7201Slot } from './slots.ts';

/**
 * Reads the `layout` of an implementation in a manifest of OpenZeppelin's upgrades plugins
 * (`.openzeppelin/<network>.json`): the old layout of a contract that was upgraded with them until now.
 */
export function layoutFromManifest(contract: string, layout: unknown): LayoutReading {
  const plain = readCompilerLayout(layout);
  const { namespaces = {} } = (layout ?? {}) as { readonly namespaces?: Readonly<Record<string, unknown>> };
  const areas = Object.entries(namespaces).map(([location, storage]): CompilerArea | undefined => {
    const [, id] = /^erc7201:(.+)$/.exec(location) ?? [];
    const rows = readCompilerLayout({ storage })?.storage;
    return id === undefined || rows === undefined
      ? undefined
      : { kind: 'namespace', id, slot: erc7201Slot(id), rows };
  });
  const whole = areas.filter((area) => area !== undefined);
  const read =
    plain !== undefined && whole.length === areas.length
      ? normalLayout({
          contract,
          areas: [{ kind: 'plain' as const, id: '', slot: 0n, rows: plain.storage }, ...whole].filter(
            ({ rows }) => rows.length > 0,
          ),
          types: plain.types,
        })
      : undefined;
  if (read === undefined) {
    return {
      kind: 'unknown',
      why: 'the manifest has no layout with slots for it; the plugin writes them since 2021',
    };
  }
  return { kind: 'known', layout: read };
}
