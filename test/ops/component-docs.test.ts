import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '@cutover/base/project.ts';
import { COMPONENT_DOCS, componentPages } from '../../ops/component-pages.ts';
import { readComponents } from '../../ops/component-reader.ts';

describe('the pages of the components', () => {
  it(
    'are current, one for each; node ops/write-component-docs.ts makes them so',
    { timeout: 30_000 },
    async () => {
      const pages = await componentPages();
      expect(
        readdirSync(fromRoot(COMPONENT_DOCS))
          .map((name) => `${COMPONENT_DOCS}/${name}`)
          .sort(),
      ).toEqual([...pages.keys()].sort());
      for (const [file, text] of pages) expect(readFileSync(fromRoot(file), 'utf8'), file).toBe(text);
    },
  );
});

describe('what the source of a component tells', () => {
  const [network] = readComponents('components/aws/network.ts');

  it('is its name, its text and its example', () => {
    expect(network).toMatchObject({
      name: 'Network',
      token: 'cutover:aws:Network',
      file: 'components/aws/network.ts',
      text: expect.stringMatching(/^A private network over several zones\./) as string,
      example: expect.stringMatching(/^const network = new Network\(/) as string,
    });
  });

  it('is each argument with its default, inherited ones as well', () => {
    expect(network?.args.find(({ name }) => name === 'nat')).toEqual({
      name: 'nat',
      type: "'none' | 'one' | 'each-zone'",
      text: 'How private subnets reach the internet: through one gateway, one in each zone, or not.',
      optional: true,
      default: "'each-zone' where the site keeps data, else 'one'",
    });
    expect(network?.args.map(({ name }) => name)).toEqual(expect.arrayContaining(['site', 'transform']));
  });

  it('is what others take from it, and which children can be changed', () => {
    expect(network?.outputs.find(({ name }) => name === 's3PrefixList')).toMatchObject({
      type: 'Output<string>',
    });
    expect(network?.children).toEqual(expect.arrayContaining(['vpc', 'subnet', 'flowLog']));
  });

  it('is every type that an argument names, also from other files', () => {
    const [service] = readComponents('components/aws/fargate-service.ts');
    const names = service?.types.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['ContainerArgs', 'TaskCount', 'Release', 'ServiceLimits']));
    expect(names).not.toContain('Site');
    expect(service?.children).toEqual(expect.arrayContaining(['service', 'targetGroup', 'egress']));
    expect(service?.types.find(({ name }) => name === 'Release')?.source).toContain('bakeMinutes?: number');
  });

  it('leaves out what is private, and finds no component where there is none', () => {
    const [record] = readComponents('components/aws/encryption-key.ts');
    expect(record?.outputs.map(({ name }) => name)).not.toContain('region');
    expect(readComponents('components/aws/subnets.ts')).toEqual([]);
  });

  it('is complete: each component says what it is, and each of its arguments that needs words has them', () => {
    const files = [
      'cluster',
      'load-balancer',
      'certificate',
      'dns-zone',
      'dns-record',
      'alarm',
      'alarm-receivers',
    ];
    for (const component of files.flatMap((file) => readComponents(`components/aws/${file}.ts`))) {
      expect(component.text, component.name).not.toBe('');
      expect(component.example, component.name).toBeDefined();
      for (const { name, optional, default: value, text } of component.args) {
        if (optional && name !== 'transform') expect(value, `${component.name}.${name}`).toBeDefined();
        if (optional) expect(text, `${component.name}.${name}`).not.toBe('');
      }
    }
  });
});
