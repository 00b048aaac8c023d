/** What is known of one argument, from machine-readable sources. Facts that are absent limit nothing. */
export interface Fact {
  readonly type: 'string' | 'number' | 'boolean' | 'object' | 'list' | 'map' | 'any';
  readonly required?: true;
  readonly enum?: readonly (string | number)[];
  /** A regular expression that the whole value matches. */
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly unique?: true;
  /** Of a list or a map. */
  readonly items?: Fact;
  /** Of an object that holds its own kind: it has the fields of the argument at this path, `rules.*.statement`. */
  readonly like?: string;
  /** Of an object; no others are known. */
  readonly fields?: Facts;
}

/** Facts by the name of the argument. */
export type Facts = Readonly<Record<string, Fact>>;

/** What is known of one resource type. */
export interface TypeFacts {
  /** Where limits come from, `AWS::RDS::DBInstance`; absent where only the SDK's types tell. */
  readonly from?: string;
  readonly inputs: Facts;
  /** What the provider adds: names of outputs that are no inputs, with their types. */
  readonly outputs: Readonly<Record<string, Fact['type']>>;
  /** Inputs whose change replaces the resource. */
  readonly replaces: readonly string[];
  /** Inputs and outputs that the provider keeps as secrets. */
  readonly secret: readonly string[];
}

/** What is offered of a database engine: ops/twin/facts/engines.json. */
export interface EngineFacts {
  readonly versions: readonly string[];
  /** Instance classes or node types, those of all regions together. */
  readonly classes: readonly string[];
  /** What of them single regions do not have. */
  readonly missing: Readonly<Record<string, readonly string[]>>;
}

/** The generated table of one provider: ops/twin/facts/aws.json and its like. */
export interface FactTable {
  readonly provider: string;
  /** The version of the Pulumi package whose plugin is played. */
  readonly version: string;
  readonly sources: readonly { readonly name: string; readonly version: string }[];
  readonly types: Readonly<Record<string, TypeFacts>>;
}
