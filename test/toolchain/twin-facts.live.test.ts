import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromRoot, projectRoot } from '@cutover/base/project.ts';
import { checkFacts } from '../../ops/twin/check-facts.ts';
import type { FactTable } from '../../ops/twin/facts.ts';
import { run } from '../../toolchain/run.ts';
import { origins } from '../../toolchain/twin-facts/names.ts';
import { examplesOf } from './documented-examples.ts';

describe('the facts of the twin', () => {
  it('are what the generator makes today', async () => {
    const main = fromRoot('toolchain/twin-facts/main.ts');
    const { status, said } = await run(process.execPath, [main, '--check'], { cwd: projectRoot });
    expect(said).toContain('ops/twin/facts/aws.json');
    expect(status, said).toBe(0);
  });

  it('refuse no value that an example in the documentation has', () => {
    const table = JSON.parse(readFileSync(fromRoot('ops/twin/facts/aws.json'), 'utf8')) as FactTable;
    const typeOf = (name: string): string =>
      Object.keys(table.types).find((token) => token.replace(/^aws:(\w+)\/\w+:/, '$1.') === name) ?? '';
    const examples = Object.keys(origins).flatMap((key) => {
      const [module = '', name = ''] = key.split('.');
      return examplesOf(module, name).filter(({ type }) => typeOf(type) !== '');
    });
    expect(examples.length).toBeGreaterThan(400);
    const wrong = examples.flatMap(({ type, name, inputs }) =>
      checkFacts(inputs, table.types[typeOf(type)]?.inputs ?? {})
        // Many examples show only the arguments that they are about.
        .filter(({ reason }) => !reason.startsWith('Missing required argument'))
        .map(({ property, reason }) => `${type} ${name} ${property}: ${reason}`),
    );
    // The example is wrong here: the SDK's own type is a list.
    expect(wrong).toEqual([
      'ecs.Service example serviceConnectConfiguration.services[0].clientAlias: expected list, got object',
    ]);
  });
});
