import ts from 'typescript';
import type { Fact, Facts } from './table.ts';

/** Interfaces by their name with the namespaces around them: `rds.InstanceS3Import`. */
export type Interfaces = ReadonlyMap<string, ts.InterfaceDeclaration>;

interface Place {
  readonly interfaces: Interfaces;
  /** `rules.*.statement` */
  readonly path: string;
  /** Interfaces that this is inside of, with the path at which each began. */
  readonly inside: ReadonlyMap<string, string>;
}

const plainTypes: ReadonlyMap<ts.SyntaxKind, Fact['type']> = new Map([
  [ts.SyntaxKind.StringKeyword, 'string'],
  [ts.SyntaxKind.NumberKeyword, 'number'],
  [ts.SyntaxKind.BooleanKeyword, 'boolean'],
]);

/** Finds all interfaces of a file, those in namespaces too. */
export function interfacesIn(source: ts.SourceFile): Interfaces {
  const found = new Map<string, ts.InterfaceDeclaration>();
  const visit = (node: ts.Node, prefix: string): void => {
    if (ts.isInterfaceDeclaration(node)) found.set(prefix + node.name.text, node);
    else if (ts.isModuleDeclaration(node) && node.body !== undefined) {
      const inside = `${prefix}${node.name.text}.`;
      ts.forEachChild(node.body, (child) => visit(child, inside));
    }
  };
  ts.forEachChild(source, (node) => visit(node, ''));
  return found;
}

/** The arguments that an interface of the SDK declares, nested ones included. */
export function factsOf(declaration: ts.InterfaceDeclaration, interfaces: Interfaces): Facts {
  return fieldsOf(declaration, { interfaces, path: '', inside: new Map() });
}

/** The type of an output: `pulumi.Output<string>`. */
export function outputType(type: ts.TypeNode | undefined): Fact['type'] {
  if (type === undefined || !ts.isTypeReferenceNode(type)) return 'any';
  const [real, ...others] = alternatives(type.typeArguments?.[0]);
  if (real === undefined || others.length > 0) return 'any';
  if (referenceName(real).startsWith('outputs.')) return 'object';
  return factOf(real, { interfaces: new Map(), path: '', inside: new Map() }).type;
}

/** The name of a member of a class or an interface. */
export function memberName(member: ts.ClassElement | ts.TypeElement): string {
  return member.name !== undefined && ts.isIdentifier(member.name) ? member.name.text : '';
}

function fieldsOf(declaration: ts.InterfaceDeclaration, place: Place): Facts {
  return Object.fromEntries(
    declaration.members.filter(ts.isPropertySignature).map((member) => {
      const name = memberName(member);
      const fact = factOf(member.type, below(place, name));
      return [name, member.questionToken === undefined ? { ...fact, required: true } : fact];
    }),
  );
}

function factOf(type: ts.TypeNode | undefined, place: Place): Fact {
  const [real, ...others] = alternatives(type);
  if (real === undefined || others.length > 0) return { type: 'any' };
  const plain = plainTypes.get(real.kind);
  if (plain !== undefined) return { type: plain };
  if (ts.isArrayTypeNode(real)) return { type: 'list', items: factOf(real.elementType, below(place, '*')) };
  if (ts.isTypeLiteralNode(real)) {
    const index = real.members.find(ts.isIndexSignatureDeclaration);
    return { type: 'map', items: factOf(index?.type, below(place, '*')) };
  }
  return ts.isTypeReferenceNode(real) ? factOfReference(real, place) : { type: 'any' };
}

function factOfReference(type: ts.TypeReferenceNode, place: Place): Fact {
  const name = referenceName(type);
  if (name === 'pulumi.Input') return factOf(type.typeArguments?.[0], place);
  if (name === 'ARN' || name.startsWith('enums.')) return { type: 'string' };
  const declared = place.interfaces.get(name.replace(/^inputs\./, ''));
  if (declared === undefined) return { type: 'any' };
  // Statements of a web ACL hold statements.
  const like = place.inside.get(name);
  if (like !== undefined) return { type: 'object', like };
  const inside = new Map(place.inside).set(name, place.path);
  return { type: 'object', fields: fieldsOf(declared, { ...place, inside }) };
}

/** The parts of a union that limit: `string | enums.rds.InstanceType | undefined` is a string, the enum only proposes. */
function alternatives(type: ts.TypeNode | undefined): readonly ts.TypeNode[] {
  if (type === undefined) return [];
  if (ts.isParenthesizedTypeNode(type)) return alternatives(type.type);
  if (!ts.isUnionTypeNode(type)) return [type];
  return type.types.filter(
    (part) => part.kind !== ts.SyntaxKind.UndefinedKeyword && !referenceName(part).startsWith('enums.'),
  );
}

function referenceName(type: ts.TypeNode): string {
  return ts.isTypeReferenceNode(type) ? type.typeName.getText() : '';
}

function below(place: Place, name: string): Place {
  return { ...place, path: place.path === '' ? name : `${place.path}.${name}` };
}
