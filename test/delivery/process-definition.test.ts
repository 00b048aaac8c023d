import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  definitionHashes,
  definitionProblems,
  nameProblems,
  portFor,
  type PostgresDefinition,
  type ProcessInputs,
} from '@cutover/delivery/plan/process-definition.ts';

const postgres: PostgresDefinition = {
  kind: 'postgres',
  password: { kind: 'file', name: 'secret' },
  databases: [{ name: 'orders', user: 'orders', password: { kind: 'file', name: 'orders' } }],
};
const inputs: ProcessInputs = {
  stack: 'dev',
  name: 'postgres',
  ports: [{ use: 'sql', port: 5432, key: 'local.ports.postgres' }],
  definition: postgres,
};

describe('the hashes of a definition', () => {
  it('tell a restart from work on the running process', () => {
    const before = definitionHashes(inputs);
    const more = definitionHashes({ ...inputs, definition: { ...postgres, databases: [] } });
    expect(more.launch).toBe(before.launch);
    expect(more.settle).not.toBe(before.settle);
    const moved = definitionHashes({ ...inputs, ports: [{ use: 'sql', port: 5433 }] });
    expect(moved.launch).not.toBe(before.launch);
  });

  it('do not change with the name of a key in the stack file', () => {
    expect(definitionHashes({ ...inputs, ports: [{ use: 'sql', port: 5432 }] })).toEqual(
      definitionHashes(inputs),
    );
  });

  it('do not change with the order in which variables are written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Z]{1,5}$/), fc.string()), (environment) => {
        const service = (variables: Record<string, string>): ProcessInputs => ({
          ...inputs,
          definition: {
            kind: 'node-service',
            script: 'a.ts',
            args: [],
            environment: variables,
            secretFiles: {},
            healthPath: '/health',
            sources: [],
          },
        });
        const turned = Object.fromEntries(Object.entries(environment).reverse());
        expect(definitionHashes(service(turned))).toEqual(definitionHashes(service(environment)));
      }),
    );
  });
});

describe('a description', () => {
  it.each([
    ['Order Book', 'lower-case letters'],
    ['', 'lower-case letters'],
    ['../up', 'lower-case letters'],
    ['a'.repeat(64), 'lower-case letters'],
  ])('refuses the name %j', (name, said) => {
    expect(nameProblems({ name, ports: [] })[0]?.problem).toContain(said);
  });

  it('refuses ports that are none, and one port for two uses', () => {
    const ports = [
      { use: 'rpc', port: 0 },
      { use: 'ws', port: 70_000 },
      { use: 'a', port: 8080 },
      { use: 'b', port: 8080 },
    ];
    const problems = nameProblems({ name: 'node', ports });
    expect(problems.map(({ property }) => property)).toEqual([
      'ports[0].port',
      'ports[1].port',
      'ports[3].port',
    ]);
    expect(problems[2]?.problem).toBe('8080 is given twice, for a and b');
  });

  it('names every mistake in a definition at once', () => {
    const password = { kind: 'file', name: 'p' } as const;
    const problems = definitionProblems({
      ...postgres,
      databases: [
        { name: 'Orders', user: 'orders', password },
        { name: 'postgres', user: 'postgres', password },
        { name: 'fine', user: 'pg_thing', password },
        { name: 'fine', user: 'fine', password },
      ],
    });
    expect(problems.map(({ property }) => property)).toEqual([
      'definition.databases[0].name',
      'definition.databases[1].user',
      'definition.databases[1].name',
      'definition.databases[2].user',
      'definition.databases[3].name',
    ]);
    expect(
      definitionProblems({ kind: 'evm-node', chainId: 0, blockTime: -1, snapshotMilliseconds: 0 }),
    ).toHaveLength(3);
    expect(definitionProblems(postgres)).toEqual([]);
  });

  it('has a port for each use', () => {
    expect(portFor(inputs, 'sql')).toBe(5432);
  });
});
