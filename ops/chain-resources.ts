import type { Handler } from '@cutover/base/dynamic.ts';
import type { StackState } from './stack-state.ts';

/** A managed resource of a chain, as the state has it. */
export interface ChainResource {
  /** Its name in the program. */
  readonly name: string;
  /** Contract, Cut, Roles … */
  readonly type: string;
  readonly id: string;
  readonly outputs: Record<string, unknown>;
  /** The module that knows how it is looked at. */
  readonly module: string;
}

/** What a look at the chain found of a resource. */
export interface ChainLook {
  readonly name: string;
  readonly type: string;
  readonly address: string;
  readonly network: string;
  /** What is not as it should be, one sentence each. */
  readonly faults: readonly string[];
  /** What was told beside that, such as an endpoint that does not answer. */
  readonly told: readonly string[];
}

/** The resources of EVM chains in a state. */
export function chainResources(state: StackState): readonly ChainResource[] {
  return state.resources.flatMap(({ urn, type, id, outputs = {} }) => {
    const provider = outputs['__provider'];
    const module =
      typeof provider === 'string' ? /@cutover\/chain\/evm\/[\w-]+\.ts/.exec(provider)?.[0] : undefined;
    if (module === undefined || id === undefined) return [];
    const name = urn.slice(urn.lastIndexOf('::') + 2);
    return [{ name, type: type.slice(type.lastIndexOf(':') + 1), id, outputs, module }];
  });
}

/**
 * Looks at a resource as `refresh` would, and changes nothing. SIDE EFFECTS: asks the chain.
 */
export async function lookAt(resource: ChainResource): Promise<ChainLook> {
  const { name, type, id, outputs, module } = resource;
  const { handler } = (await import(module)) as { readonly handler: Handler<object, object> };
  const { __provider: _provider, ...olds } = outputs;
  const { chainId, name: chain } = (olds['network'] ?? {}) as { chainId?: number; name?: string };
  const address = [olds['address'], olds['diamond'], olds['contract'], olds['proxy'], olds['factory']].find(
    (each) => typeof each === 'string' && each.startsWith('0x'),
  );
  const place = {
    name,
    type,
    address: typeof address === 'string' ? address : '',
    network: `${chain ?? '?'} (${chainId ?? '?'})`,
  };
  const { CutoverError, messageOf } = await import('@cutover/base/errors.ts');
  const told: string[] = [];
  const { log } = console;
  console.log = (line: unknown) => void told.push(String(line));
  try {
    const found = await handler.read?.(id, olds);
    const { drift } = (found?.props ?? {}) as { drift?: readonly string[] };
    const gone = found !== undefined && found.id === undefined;
    const faults = gone ? ['it is gone from the chain'] : (drift ?? []);
    return { ...place, faults, told: told.filter((line) => !line.startsWith('drift:')) };
  } catch (error) {
    const reason = error instanceof CutoverError ? error.message.split('\n')[0] : messageOf(error);
    return { ...place, faults: [`it could not be looked at: ${reason}`], told };
  } finally {
    console.log = log;
  }
}
