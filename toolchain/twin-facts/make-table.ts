import { CutoverError } from '../../base/errors.ts';
import { openApis } from './apis.ts';
import { openCloudFormation } from './cloudformation.ts';
import { limitInputs, replacedBy } from './limits.ts';
import { misfits } from './misfits.ts';
import { origins } from './names.ts';
import { openSdk } from './sdk.ts';
import { follow, type Shape } from './shape.ts';
import type { FactTable, TypeFacts } from './table.ts';
import type { Wheels } from './wheels.ts';

/**
 * Distils the table of facts from the SDK's types, CloudFormation's schemas and the models of the APIs.
 * @param sdkFolder that holds @pulumi/aws
 */
export function makeTable(sdkFolder: string, wheels: Wheels): FactTable {
  const sdk = openSdk(sdkFolder);
  const cloudFormation = openCloudFormation(wheels.cfnLint);
  const apis = openApis(wheels.botocore);
  const types: Record<string, TypeFacts> = {};
  const wrong: string[] = [];
  for (const [key, origin] of Object.entries(origins).sort(([one], [other]) => (one < other ? -1 : 1))) {
    const [module = '', name = ''] = key.split('.');
    const declared = sdk.read(module, name);
    if (declared === undefined) {
      wrong.push(`${key}: the SDK has no such type`);
      continue;
    }
    const { token, inputs, outputs, secret } = declared;
    const [type = '', typePath] = (origin.cloudFormation ?? '').split('/');
    const [operation = '', operationPath] = (origin.api ?? '').split('/');
    const known = cloudFormation(type);
    const schema = below(known?.shape, typePath);
    const input = below(operation === '' ? undefined : apis(operation), operationPath);
    const createOnly = (known?.createOnly ?? []).flatMap((path) => relative(path, typePath));
    const limited = limitInputs(inputs, [schema, input], origin);
    wrong.push(...misfits(key, inputs, origin, { schema, input, createOnly }));
    types[token] = {
      ...(origin.cloudFormation === undefined ? {} : { from: origin.cloudFormation }),
      inputs: limited,
      outputs,
      replaces: replacedBy(inputs, createOnly, schema, origin),
      secret,
    };
  }
  if (wrong.length > 0)
    throw new CutoverError('CUT-5352', { list: wrong.map((each) => `  ${each}`).join('\n') });
  const provider = sdk.read('', 'Provider');
  if (provider !== undefined) {
    const { token, inputs, secret } = provider;
    types[token] = { inputs, outputs: {}, replaces: [], secret };
  }
  return {
    provider: 'aws',
    version: sdk.version,
    sources: [{ name: '@pulumi/aws', version: sdk.version }, ...wheels.sources],
    types,
  };
}

function below(shape: Shape | undefined, path: string | undefined): Shape | undefined {
  return shape === undefined || path === undefined ? shape : follow(shape, path);
}

/** A path of the whole type as one of the part that the resource is. */
function relative(path: string, part: string | undefined): string[] {
  if (part === undefined) return path.includes('.') ? [] : [path];
  return path.startsWith(`${part}.`) ? [path.slice(part.length + 1)] : [];
}
