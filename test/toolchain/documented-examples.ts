import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { unknownValue, type Held, type HeldMap } from '../../ops/twin/held.ts';
import { projectRoot } from '@cutover/base/project.ts';

/** One resource of an example in the documentation, as far as it is written in literals. */
export interface Example {
  readonly type: string;
  readonly name: string;
  readonly inputs: HeldMap;
}

const sdk = join(projectRoot, 'node_modules', '@pulumi', 'aws');

/** The resources in the examples that the SDK's doc comment of a type shows: `rds`, `Instance`. */
export function examplesOf(module: string, name: string): readonly Example[] {
  const file = join(sdk, module, `${name.charAt(0).toLowerCase()}${name.slice(1)}.d.ts`);
  const comment = /\/\*\*([\s\S]*?)\*\/\s*export declare class/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  const text = comment
    .replaceAll(/^ \* ?/gm, '')
    .replaceAll('&#42;', '*')
    .replaceAll('*&#47;', '*/');
  return [...text.matchAll(/```typescript\n([\s\S]*?)```/g)].flatMap(([, code = '']) => resourcesIn(code));
}

function resourcesIn(code: string): Example[] {
  const found: Example[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node)) {
      const [name, args] = node.arguments ?? [];
      if (
        name !== undefined &&
        ts.isStringLiteralLike(name) &&
        args !== undefined &&
        ts.isObjectLiteralExpression(args)
      ) {
        const inputs = valueOf(args) as HeldMap;
        found.push({ type: node.expression.getText().replace(/^aws\./, ''), name: name.text, inputs });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true));
  return found;
}

function valueOf(node: ts.Expression): Held {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isPrefixUnaryExpression(node) && ts.isNumericLiteral(node.operand))
    return -Number(node.operand.text);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (ts.isArrayLiteralExpression(node)) return node.elements.map(valueOf);
  if (!ts.isObjectLiteralExpression(node)) return unknownValue;
  return Object.fromEntries(
    node.properties.filter(ts.isPropertyAssignment).map((property) => {
      const name = ts.isStringLiteralLike(property.name) ? property.name.text : property.name.getText();
      return [name, valueOf(property.initializer)];
    }),
  );
}
