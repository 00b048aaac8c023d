/**
 * A program of two tiers under the real engine, in a process of its own: the test runner rewrites imports, which would
 * change what is serialized. It is told what to do by its arguments and answers with one line of JSON.
 */
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { LocalWorkspace, type Stack } from '@pulumi/pulumi/automation/index.js';
import * as pulumi from '@pulumi/pulumi';
import { tiers } from '../../../components/tiers.ts';

interface Order {
  readonly command: 'up' | 'preview' | 'destroy';
  readonly folder: string;
  /** Where the thing that the contracts' gate checks listens. */
  readonly url: string;
  readonly timeoutSeconds: number;
  readonly release: string;
  /** Cancel the update, as Ctrl-C does, once this file is there. */
  readonly cancelBy?: string;
}

const order = JSON.parse(process.argv[2] ?? '') as Order;
const log = `${order.folder}/log`;

/** Writes its name when it is made, changed and removed. It captures nothing: all of it is in its inputs. */
const writer: pulumi.dynamic.ResourceProvider = {
  create: async (inputs: { name: string; log: string }) => {
    (await import('node:fs')).appendFileSync(inputs.log, `create ${inputs.name}\n`);
    return { id: inputs.name, outs: inputs };
  },
  update: async (_, __, inputs: { name: string; log: string }) => {
    (await import('node:fs')).appendFileSync(inputs.log, `update ${inputs.name}\n`);
    return { outs: inputs };
  },
  delete: async (id, props: { log: string }) => {
    (await import('node:fs')).appendFileSync(props.log, `delete ${id}\n`);
  },
};

class Writer extends pulumi.dynamic.Resource {
  declare readonly release: pulumi.Output<string>;
  constructor(name: string, release: string, opts: pulumi.CustomResourceOptions) {
    super(writer, name, { name, log, release }, opts);
  }
}

/** A component inside a tier: the order must reach its children too. */
class Pair extends pulumi.ComponentResource {
  constructor(name: string, opts: pulumi.ComponentResourceOptions) {
    super('test:index:Pair', name, {}, opts);
    new Writer(`${name}-one`, order.release, { parent: this });
    new Writer(`${name}-two`, order.release, { parent: this });
    this.registerOutputs({});
  }
}

function program(): Record<string, pulumi.Output<string>> {
  const { contracts } = tiers('two-tiers')
    .contracts(({ opts }) => {
      const escrow = new Writer('escrow', order.release, opts);
      return {
        escrow,
        gate: {
          checks: [{ kind: 'http', name: 'node', url: order.url }],
          triggers: [escrow.release],
          timeoutSeconds: order.timeoutSeconds,
          logs: ['.cutover/dev/logs/node.log'],
        },
      };
    })
    .database(({ opts }) => ({ orders: new Writer('orders', order.release, opts) }))
    .backend(({ opts }) => ({ pair: new Pair('pair', opts) }))
    .done(({ contracts: { escrow } }) => ({ escrow: escrow.release }));
  return { release: contracts.escrow.release };
}

async function run(stack: Stack): Promise<unknown> {
  const abort = new AbortController();
  const { cancelBy } = order;
  if (cancelBy !== undefined) setInterval(() => existsSync(cancelBy) && abort.abort(), 50).unref();
  const options = { onOutput: (text: string) => appendFileSync(`${order.folder}/output`, text) };
  switch (order.command) {
    case 'up':
      return (await stack.up({ ...options, signal: abort.signal })).summary.resourceChanges;
    case 'preview':
      return (await stack.preview(options)).changeSummary;
    case 'destroy':
      return (await stack.destroy(options)).summary.resourceChanges;
  }
}

const workDir = `${order.folder}/work`;
mkdirSync(workDir, { recursive: true });
const stack = await LocalWorkspace.createOrSelectStack(
  { stackName: 'dev', projectName: 'tiers', program: () => Promise.resolve(program()) },
  {
    envVars: {
      PULUMI_BACKEND_URL: `file://${order.folder}`,
      PULUMI_CONFIG_PASSPHRASE: 'only-for-this-test',
      PULUMI_SKIP_UPDATE_CHECK: 'true',
    },
    pulumiHome: `${order.folder}/home`,
    workDir,
  },
);
try {
  console.log(JSON.stringify({ ok: true, changes: await run(stack) }));
} catch (error) {
  console.log(JSON.stringify({ ok: false, message: String(error) }));
}
