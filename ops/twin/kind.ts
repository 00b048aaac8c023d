import type { TypeFacts } from './facts.ts';

/** What an argument or an output holds. Unknown during preview: it is absent, see `Question.unknown`. */
export type Value = null | boolean | number | string | readonly Value[] | Values;
export interface Values {
  readonly [name: string]: Value;
}

/** Where a thing is. Services without regions have `global`. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** One thing in the twin's cloud, as the provider's API would tell of it. */
export interface Thing extends Place {
  /** `aws:rds/instance:Instance`. */
  readonly type: string;
  readonly id: string;
  /** Arguments as they are in the cloud now, an edit by hand included; defaults that the cloud fills in are outputs. */
  readonly inputs: Values;
  readonly outputs: Values;
  readonly createdMs: number;
  /** When it has come up; before that it is in progress. */
  readonly readyMs: number;
}

/** The twin's cloud as services see it: nothing of it changes while a question is answered. */
export interface CloudView {
  /** The clock of the twin. */
  readonly now: number;
  get(type: string, id: string, place: Place): Thing | undefined;
  /** Anywhere in the account. */
  byArn(arn: string): Thing | undefined;
  /** All of a type in a place; in all regions where the place has none. */
  all(type: string, place: { readonly account: string; readonly region?: string }): readonly Thing[];
  /** Things of a type that were deleted, with the time; some APIs keep their names for a while. */
  deleted?(type: string, place: Place): readonly (Thing & { readonly deletedMs: number })[];
}

/** What the API says no with. Its text is as close to the real one as documentation allows. */
export interface Refusal {
  /** The code of the API, `InvalidParameterCombination`. */
  readonly code: string;
  readonly message: string;
  /** The argument that it is about, as a path: `settings[0].value`. Said before anything is sent where it is given. */
  readonly property?: string;
}

/** What a service file is asked. Inputs are plain: secrets opened, defaults of the provider filled in. */
export interface Question {
  readonly place: Place;
  /** The resource's name in the program. */
  readonly name: string;
  readonly inputs: Values;
  /**
   * Arguments that are known only after other resources exist; only during preview. The path of each, and those of
   * everything that holds one: `listeners`, `listeners[0]`, `listeners[0].arn`. In lists they are left out.
   */
  readonly unknown: ReadonlySet<string>;
  readonly cloud: CloudView;
  /** Set while the API is called: what the arguments name must be there by now. In preview it may come later. */
  readonly calling?: true;
  /** Set on update. */
  readonly before?: Thing;
}

/** A reference to another thing in the same account. */
export interface Reference {
  /** Path of the argument, `*` for each item: `networkConfiguration.subnets.*`. */
  readonly property: string;
  readonly to: string;
  /** Which output or input of the other is named. @default id */
  readonly by?: string;
  /** Where the other must be. `anywhere` for ARNs of other regions. @default the same region */
  readonly where?: 'same-region' | 'anywhere' | 'us-east-1';
  /** What the API says when there is none, `{value}` filled in. */
  readonly missing: Refusal;
  /** What it says when the other is deleted while this is there, `{id}` filled in; absent: the other may go. */
  readonly blocks?: Refusal;
}

/** A resource type that the twin plays. What is not told here is refused. */
export interface Kind {
  readonly type: string;
  /** How the API names it in errors and the ledger. */
  readonly api: {
    readonly service: string;
    readonly create: string;
    readonly read: string;
    readonly update?: string;
    readonly delete: string;
  };
  /** `global` for services without regions. @default regional */
  readonly scope?: 'regional' | 'global';
  /**
   * The argument that names it; Pulumi's provider fills it in where it is absent. With the argument of the same name and
   * `Prefix` behind it, `namePrefix`, it is that and 26 characters.
   */
  readonly naming?: {
    readonly property: string;
    readonly maxLength: number;
    /** What names that it makes up begin with. */
    readonly prefix?: string;
    /** How names that it makes up are made good. @default as they are */
    readonly lowercase?: true;
    /** What the API says when the name is taken, `{value}` filled in; absent: names may repeat. */
    readonly taken?: Refusal;
    /** Where a name must be alone. @default region */
    readonly unique?: 'region' | 'account' | 'world';
  };
  readonly references?: readonly Reference[];
  /** How many there may be. */
  readonly quota?: { readonly count: number; readonly per: 'region' | 'account'; readonly refusal: Refusal };
  /** Usual seconds that it takes in the real cloud; scaled by the twin. */
  readonly takes?: { readonly create?: number; readonly update?: number; readonly delete?: number };
  /** The refusal of a delete after which the provider asks again, and for how many seconds of the real cloud. */
  readonly retries?: { readonly code: string; readonly seconds: number };
  /** Arguments whose change replaces, beside those of the table; and those that the provider changes in place. */
  readonly replaces?: readonly string[];
  readonly updates?: readonly string[];
  /** Whether the old one goes first when it is replaced. @default false */
  readonly deleteBeforeReplace?: true;
  /** Arguments and outputs that stay secret, beside those of the table. */
  readonly secret?: readonly string[];
  /** What the provider fills in before the arguments are checked; what is given stays. */
  defaults?(inputs: Values): Values;
  /** What is wrong with the arguments, alone and together with what is there. Also asked in preview. */
  check?(question: Question): readonly Refusal[];
  /** The id that the cloud gives, from the arguments where they tell it, else with the random part. */
  id(question: Question, random: string): string;
  /**
   * What the provider calls it, where two things may have one such id: the family of a task definition. They are told
   * apart, and imported, by the ARN; `id` is the ARN then.
   */
  providerId?(id: string): string;
  /** The id again, from what the engine keeps of it, where `providerId` leaves some of it out. @default the ARN */
  cloudId?(properties: Values): string;
  /** What people import it by, where that is not its id. */
  importedBy?(thing: Thing): string;
  /** All outputs that are no inputs, `arn` and `tagsAll` left out where the core can make them (`arn`). */
  outputs(question: Question, id: string): Values;
  /** `arn:aws:<service>:<region>:<account>:<this>`; a whole ARN where it begins with `arn:`. */
  arn?(question: Question, id: string): string;
  /** Why it cannot be deleted now; references that block are told by themselves. */
  holds?(thing: Thing, cloud: CloudView): Refusal | undefined;
}

/** One provider as the twin plays it. */
export interface Provider {
  /** `aws`. */
  readonly name: string;
  readonly kinds: readonly Kind[];
  /** Functions of the SDK, by token: `aws:index/getCallerIdentity:getCallerIdentity`. */
  readonly functions: Readonly<Record<string, (inputs: Values, place: Place, cloud: CloudView) => Values>>;
}

/** A kind together with the facts of the table. */
export interface KnownKind extends Kind {
  readonly facts: TypeFacts;
}
