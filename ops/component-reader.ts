import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { fromRoot, projectRoot } from '@cutover/base/project.ts';

/** An argument or an output of a component. */
export interface MemberDoc {
  readonly name: string;
  readonly type: string;
  readonly text: string;
  readonly optional: boolean;
  /** As its doc comment tells it. */
  readonly default?: string;
}

/** What the source of a component tells its users. */
export interface ComponentDoc {
  readonly name: string;
  /** Relative to the project: `components/aws/network.ts`. */
  readonly file: string;
  /** `cutover:aws:Network`. */
  readonly token: string;
  readonly text: string;
  readonly example?: string;
  readonly args: readonly MemberDoc[];
  readonly outputs: readonly MemberDoc[];
  /** The kinds of children that `transform` can change. */
  readonly children: readonly string[];
  /** Types that the arguments name, as they stand in the source. */
  readonly types: readonly { readonly name: string; readonly source: string }[];
}

type Declaration = ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.ClassDeclaration;
interface Found {
  readonly declaration: Declaration;
  readonly source: ts.SourceFile;
}

// Told once for all components, or seen in the list of children.
const toldElsewhere = /^(AwsArgs|LocalArgs|Site|Transforms?)$|Children$/;

/** Reads the components of a file; syntax alone, since types of the AWS SDK take 15 seconds to check. */
export function readComponents(file: string): readonly ComponentDoc[] {
  const source = parse(fromRoot(file));
  return source.statements
    .filter((statement): statement is ts.ClassDeclaration => ts.isClassDeclaration(statement))
    .filter((statement) => isExported(statement) && isComponent(statement))
    .map((statement) => readComponent(statement, source));
}

function readComponent(declaration: ts.ClassDeclaration, source: ts.SourceFile): ComponentDoc {
  const name = declaration.name?.text ?? '';
  const { text, example } = comment(declaration, source);
  const constructor = declaration.members.find((member) => ts.isConstructorDeclaration(member));
  const argsType = constructor?.parameters[1]?.type;
  const args = argsType === undefined ? undefined : resolve(argsType.getText(source), source);
  const members = args === undefined ? [] : membersOf(args);
  const children = args === undefined ? undefined : resolve(childrenName(args), args.source);
  return {
    name,
    file: relative(projectRoot, source.fileName),
    token: /super\(\s*'([^']+)'/.exec(constructor?.getText(source) ?? '')?.[1] ?? '',
    text,
    ...(example === undefined ? {} : { example }),
    args: members.map(({ member, source: from }) => describe(member, from)),
    outputs: declaration.members.filter(isPublic).map((member) => describe(member, source)),
    children:
      children === undefined
        ? []
        : membersOf(children).map(({ member, source: from }) => member.name.getText(from)),
    types: typesOf(members.map(({ member, source: from }) => ({ node: member, source: from }))),
  };
}

interface Member {
  readonly member: ts.PropertySignature;
  readonly source: ts.SourceFile;
}

/** The properties of an interface and of those that it extends, its own first. */
function membersOf({ declaration, source }: Found): readonly Member[] {
  if (!ts.isInterfaceDeclaration(declaration)) return [];
  const own = declaration.members.filter(ts.isPropertySignature).map((member) => ({ member, source }));
  const inherited = parentsOf(declaration).flatMap((parent) => {
    const found = resolve(parent.expression.getText(source), source);
    return found === undefined ? [] : membersOf(found);
  });
  return [...own, ...inherited];
}

function parentsOf(declaration: ts.InterfaceDeclaration): readonly ts.ExpressionWithTypeArguments[] {
  return declaration.heritageClauses?.flatMap(({ types }) => [...types]) ?? [];
}

/** `NetworkChildren` of `extends AwsArgs<NetworkChildren>`. */
function childrenName({ declaration, source }: Found): string {
  if (!ts.isInterfaceDeclaration(declaration)) return '';
  const parent = parentsOf(declaration).find((each) => each.expression.getText(source) === 'AwsArgs');
  return parent?.typeArguments?.[0]?.getText(source) ?? '';
}

/** The types that some nodes name, and those that these name, each once. */
function typesOf(
  nodes: readonly { readonly node: ts.Node; readonly source: ts.SourceFile }[],
): ComponentDoc['types'] {
  const found = new Map<string, string>();
  const visit = (node: ts.Node, source: ts.SourceFile): void => {
    if (ts.isTypeReferenceNode(node)) add(node.typeName.getText(source), source);
    ts.forEachChild(node, (child) => {
      visit(child, source);
    });
  };
  const add = (name: string, source: ts.SourceFile): void => {
    if (found.has(name) || toldElsewhere.test(name)) return;
    const type = resolve(name, source);
    if (type === undefined || ts.isClassDeclaration(type.declaration)) return;
    found.set(name, sourceOf(type));
    visit(type.declaration, type.source);
  };
  for (const { node, source } of nodes) visit(node, source);
  return [...found].map(([name, text]) => ({ name, source: text }));
}

/** A type as it is written, with its comment. */
function sourceOf({ declaration, source }: Found): string {
  return source.text.slice(
    commentRange(declaration, source)?.pos ?? declaration.getStart(source),
    declaration.end,
  );
}

/** Finds a type in a file, or in the file of the components from which it imports it. */
function resolve(name: string, source: ts.SourceFile): Found | undefined {
  for (const statement of source.statements) {
    if (isDeclaration(statement) && statement.name?.text === name) return { declaration: statement, source };
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const bindings = statement.importClause?.namedBindings;
    const { text: target } = statement.moduleSpecifier;
    if (!target.startsWith('.') || bindings === undefined || !ts.isNamedImports(bindings)) continue;
    if (bindings.elements.some((element) => element.name.text === name)) {
      return resolve(name, parse(join(dirname(source.fileName), target)));
    }
  }
  return undefined;
}

const parsed = new Map<string, ts.SourceFile>();

function parse(file: string): ts.SourceFile {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2024, true);
  parsed.set(file, source);
  return source;
}

function isDeclaration(node: ts.Node): node is Declaration {
  return ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isClassDeclaration(node);
}

function isExported(node: ts.ClassDeclaration): boolean {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
}

function isComponent(node: ts.ClassDeclaration): boolean {
  return /\bComponentResource$/.test(node.heritageClauses?.[0]?.types[0]?.expression.getText() ?? '');
}

function isPublic(member: ts.ClassElement): member is ts.PropertyDeclaration | ts.MethodDeclaration {
  if (!ts.isPropertyDeclaration(member) && !ts.isMethodDeclaration(member)) return false;
  const hidden = [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword, ts.SyntaxKind.StaticKeyword];
  return member.modifiers?.some(({ kind }) => hidden.includes(kind)) !== true;
}

function describe(
  member: ts.PropertySignature | ts.PropertyDeclaration | ts.MethodDeclaration,
  source: ts.SourceFile,
): MemberDoc {
  const { text, default: value } = comment(member, source);
  return {
    name: member.name.getText(source),
    type: typeText(member, source),
    text,
    optional: member.questionToken !== undefined,
    ...(value === undefined ? {} : { default: value }),
  };
}

function typeText(
  member: ts.PropertySignature | ts.PropertyDeclaration | ts.MethodDeclaration,
  source: ts.SourceFile,
): string {
  const written = ts.isMethodDeclaration(member)
    ? `(${member.parameters.map((parameter) => parameter.getText(source)).join(', ')}) => ${member.type?.getText(source) ?? 'void'}`
    : (member.type?.getText(source) ??
      ('initializer' in member ? member.initializer?.getText(source) : undefined) ??
      '');
  return written
    .replaceAll(/\/\*\*.*?\*\//gs, '')
    .replaceAll(/\b(pulumi\.|readonly )/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('; }', ' }')
    .replace(/^\| /, '');
}

function commentRange(node: ts.Node, source: ts.SourceFile): ts.CommentRange | undefined {
  return ts
    .getLeadingCommentRanges(source.text, node.getFullStart())
    ?.findLast(({ pos }) => source.text.startsWith('/**', pos));
}

/** The doc comment of a node in its parts. By hand: TypeScript sees a tag only where a line begins with it. */
function comment(
  node: ts.Node,
  source: ts.SourceFile,
): { readonly text: string; readonly default?: string; readonly example?: string } {
  const range = commentRange(node, source);
  if (range === undefined) return { text: '' };
  const lines = source.text
    .slice(range.pos + 3, range.end - 2)
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''));
  const [text = '', ...tags] = lines.join('\n').split(/\s@(?=default|example)/);
  const tagged = (tag: string): string | undefined =>
    tags
      .find((each) => each.startsWith(tag))
      ?.slice(tag.length)
      .trim();
  const [value, example] = [tagged('default'), tagged('example')];
  return {
    text: text.trim(),
    ...(value === undefined ? {} : { default: value.replaceAll('\n', ' ') }),
    ...(example === undefined ? {} : { example }),
  };
}
