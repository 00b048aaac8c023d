import type { Decision } from './escrow-kit.ts';

/**
 * What the escrow should do, told once more and in the plainest way: lists and sums, no storage tricks. It has a
 * clock on the wall and counts pauses by stretching expiries, where the contract has a clock that stops.
 */
export interface Model {
  readonly world: World;
  now: number;
  /** Start of the present pause. */
  pausedAt: number | undefined;
  readonly deposits: ModelDeposit[];
  readonly credits: Map<string, bigint>;
  /** By token, then account: what each has more or less than at the start. The escrow is one of the accounts. */
  readonly gains: Map<string, Map<string, bigint>>;
  /** By deposit and signer. */
  readonly nonces: Map<string, bigint>;
  /** Does the rude account turn ether away at present? */
  refusing: boolean;
}

/** The addresses that a sequence plays with. */
export interface World {
  readonly escrow: string;
  readonly arbiter: string;
  readonly admin: string;
  /** Pay in, and are paid. The last of both is the rude contract. */
  readonly payers: readonly string[];
  readonly payees: readonly string[];
  readonly rude: string;
  /** Ether first. */
  readonly tokens: readonly string[];
  /** The one of them that keeps a tenth. */
  readonly feeToken: string;
  readonly emergencyDelay: number;
  readonly maxTerm: number;
}

export interface ModelDeposit {
  readonly payer: string;
  readonly payee: string;
  readonly token: string;
  readonly amount: bigint;
  expiry: number;
  state: 'Held' | 'Released' | 'Refunded' | 'Reclaimed' | 'EmergencyWithdrawn';
}

/** Who speaks in a step about one deposit, seen from that deposit. */
export type Voice = 'payer' | 'payee' | 'arbiter' | 'admin';

/** One step of a sequence. `which` counts back from the latest deposit, round and round. */
export type Command =
  | { kind: 'deposit'; token: number; payer: number; payee: number; amount: bigint; term: number }
  | { kind: 'decide'; decision: Decision; which: number; signer: Voice; flaw: Flaw }
  | { kind: 'reclaim'; which: number; by: Voice }
  | { kind: 'extend'; which: number; by: Voice; more: number }
  | { kind: 'cancel'; which: number; by: Voice }
  | { kind: 'withdrawCredit'; to: number }
  | { kind: 'pause' }
  | { kind: 'unpause' }
  | { kind: 'emergency'; which: readonly number[]; by: Voice }
  | { kind: 'recover'; token: number; amount: bigint }
  | { kind: 'accident'; token: number; amount: bigint }
  | { kind: 'mood'; refusing: boolean }
  | { kind: 'wait'; seconds: number };

/** What is wrong with a signature. */
export type Flaw = 'none' | 'used nonce' | 'past deadline' | "another's key";

/** What a step must lead to: the name of an error, or a change of the model. */
export type Expectation = { readonly refusal: string } | { readonly apply: () => void };

export function newModel(world: World, now: number): Model {
  return {
    world,
    now,
    pausedAt: undefined,
    deposits: [],
    credits: new Map(),
    gains: new Map(world.tokens.map((token) => [token, new Map<string, bigint>()])),
    nonces: new Map(),
    refusing: false,
  };
}

/** The id of the deposit that a step means; 0, which never exists, while there is none. */
export function idOf(model: Model, which: number): number {
  const count = model.deposits.length;
  return count === 0 ? 0 : count - (which % count);
}

/** The account that a voice belongs to. */
export function accountOf(model: Model, id: number, voice: Voice): string {
  const { arbiter, admin, payers, payees } = model.world;
  const deposit = model.deposits[id - 1];
  if (voice === 'arbiter') return arbiter;
  if (voice === 'admin') return admin;
  return deposit?.[voice] ?? (voice === 'payer' ? payers : payees)[0] ?? '';
}

export function nonceOf(model: Model, id: number, signer: string): bigint {
  return (BigInt(id) << 64n) + (model.nonces.get(`${id} ${signer}`) ?? 0n);
}

/** All that belongs to somebody: open deposits and credits. */
export function heldIn(model: Model, token: string): bigint {
  const open = model.deposits.filter((deposit) => deposit.state === 'Held' && deposit.token === token);
  const deposits = open.reduce((sum, deposit) => sum + deposit.amount, 0n);
  const credits = token === model.world.tokens[0] ? [...model.credits.values()] : [];
  return credits.reduce((sum, credit) => sum + credit, deposits);
}

/** What an account has gained since the start. */
export function gainOf(model: Model, token: string, account: string): bigint {
  return model.gains.get(token)?.get(account) ?? 0n;
}

/** When a deposit expires, as it is shown now: a pause that goes on has delayed it already. */
export function shownExpiry(model: Model, deposit: ModelDeposit): number {
  return deposit.expiry + (model.pausedAt === undefined ? 0 : model.now - model.pausedAt);
}

/** Foretells what a step does at `model.now`. */
export function expectation(model: Model, command: Command): Expectation {
  const { world, now } = model;
  const paused = model.pausedAt !== undefined;
  switch (command.kind) {
    case 'deposit': {
      const payer = world.payers[command.payer] ?? '';
      const payee = world.payees[command.payee] ?? payer;
      const token = world.tokens[command.token] ?? '';
      const received = token === world.feeToken ? afterFee(command.amount) : command.amount;
      if (paused) return { refusal: 'EnforcedPause' };
      if (received === 0n) return { refusal: 'ZeroAmount' };
      if (payer === payee) return { refusal: 'BadParties' };
      if (command.term < 1 || command.term > world.maxTerm) return { refusal: 'BadExpiry' };
      return {
        apply: () => {
          move(model, token, payer, world.escrow, command.amount);
          const expiry = now + command.term;
          model.deposits.push({ payer, payee, token, amount: received, expiry, state: 'Held' });
        },
      };
    }
    case 'decide': {
      const id = idOf(model, command.which);
      const signer = accountOf(model, id, command.signer);
      const deposit = model.deposits[id - 1];
      if (paused) return { refusal: 'EnforcedPause' };
      if (deposit?.state !== 'Held') return { refusal: 'NotHeld' };
      const release = command.decision === 'Release';
      const allowed = [world.arbiter, release ? deposit.payer : deposit.payee];
      if (!allowed.includes(signer)) return { refusal: 'NotAllowed' };
      if (command.flaw === 'past deadline') return { refusal: 'SignatureExpired' };
      if (command.flaw === 'used nonce') return { refusal: 'InvalidAccountNonce' };
      if (command.flaw === "another's key") return { refusal: 'InvalidSignature' };
      return {
        apply: () => {
          useNonce(model, id, signer);
          deposit.state = release ? 'Released' : 'Refunded';
          payOut(model, deposit.token, release ? deposit.payee : deposit.payer, deposit.amount);
        },
      };
    }
    case 'reclaim': {
      const id = idOf(model, command.which);
      const deposit = model.deposits[id - 1];
      if (paused) return { refusal: 'EnforcedPause' };
      if (deposit?.state !== 'Held') return { refusal: 'NotHeld' };
      if (accountOf(model, id, command.by) !== deposit.payer) return { refusal: 'NotAllowed' };
      if (now < deposit.expiry) return { refusal: 'NotExpired' };
      return {
        apply: () => {
          deposit.state = 'Reclaimed';
          payOut(model, deposit.token, deposit.payer, deposit.amount);
        },
      };
    }
    case 'extend': {
      const id = idOf(model, command.which);
      const deposit = model.deposits[id - 1];
      if (paused) return { refusal: 'EnforcedPause' };
      if (deposit?.state !== 'Held') return { refusal: 'NotHeld' };
      if (accountOf(model, id, command.by) !== deposit.payer) return { refusal: 'NotAllowed' };
      const expiry = deposit.expiry + command.more;
      if (command.more < 1 || expiry > now + world.maxTerm) return { refusal: 'BadExpiry' };
      return { apply: () => void (deposit.expiry = expiry) };
    }
    case 'cancel': {
      const id = idOf(model, command.which);
      const deposit = model.deposits[id - 1];
      const by = accountOf(model, id, command.by);
      if (deposit?.state !== 'Held') return { refusal: 'NotHeld' };
      if (![deposit.payer, deposit.payee, world.arbiter].includes(by)) return { refusal: 'NotAllowed' };
      return { apply: () => useNonce(model, id, by) };
    }
    case 'withdrawCredit': {
      const to = world.payees[command.to] ?? '';
      const amount = model.credits.get(world.rude) ?? 0n;
      if (amount === 0n) return { refusal: 'ZeroAmount' };
      if (to === world.rude && model.refusing) return { refusal: 'Error' };
      return {
        apply: () => {
          model.credits.delete(world.rude);
          move(model, world.tokens[0] ?? '', world.escrow, to, amount);
        },
      };
    }
    case 'pause':
      return paused ? { refusal: 'EnforcedPause' } : { apply: () => void (model.pausedAt = now) };
    case 'unpause': {
      const since = model.pausedAt;
      if (since === undefined) return { refusal: 'ExpectedPause' };
      return {
        apply: () => {
          for (const deposit of model.deposits) deposit.expiry += now - since;
          model.pausedAt = undefined;
        },
      };
    }
    case 'emergency': {
      if (model.pausedAt === undefined) return { refusal: 'ExpectedPause' };
      const ids = command.which.map((which) => idOf(model, which));
      const by = accountOf(model, ids[0] ?? 0, command.by);
      for (const [index, id] of ids.entries()) {
        const deposit = model.deposits[id - 1];
        if (deposit?.state !== 'Held' || ids.indexOf(id) !== index) return { refusal: 'NotHeld' };
        if (by === world.admin) continue;
        if (by !== deposit.payer) return { refusal: 'NotAllowed' };
        if (now < model.pausedAt + world.emergencyDelay) return { refusal: 'EmergencyTooEarly' };
      }
      return {
        apply: () => {
          for (const id of ids) {
            const deposit = model.deposits[id - 1];
            if (deposit === undefined) continue;
            deposit.state = 'EmergencyWithdrawn';
            payOut(model, deposit.token, deposit.payer, deposit.amount);
          }
        },
      };
    }
    case 'recover': {
      const token = world.tokens[command.token] ?? '';
      if (command.amount === 0n) return { refusal: 'ZeroAmount' };
      const surplus = gainOf(model, token, world.escrow) - heldIn(model, token);
      if (command.amount > surplus) return { refusal: 'MoreThanSurplus' };
      return { apply: () => move(model, token, world.escrow, world.payees[0] ?? '', command.amount) };
    }
    case 'accident': {
      const token = world.tokens[command.token] ?? '';
      return { apply: () => gain(model, token, world.escrow, command.amount) };
    }
    case 'mood':
      return { apply: () => void (model.refusing = command.refusing) };
    case 'wait':
      return { apply: () => void (model.now += command.seconds) };
  }
}

/** Books a gain that comes from outside, or a fee that leaves. */
export function gain(model: Model, token: string, account: string, amount: bigint): void {
  const gains = model.gains.get(token);
  gains?.set(account, (gains.get(account) ?? 0n) + amount);
}

function move(model: Model, token: string, from: string, to: string, amount: bigint): void {
  gain(model, token, from, -amount);
  gain(model, token, to, token === model.world.feeToken ? afterFee(amount) : amount);
}

function payOut(model: Model, token: string, to: string, amount: bigint): void {
  if (token === model.world.tokens[0] && to === model.world.rude && model.refusing) {
    model.credits.set(to, (model.credits.get(to) ?? 0n) + amount);
  } else {
    move(model, token, model.world.escrow, to, amount);
  }
}

function useNonce(model: Model, id: number, signer: string): void {
  const key = `${id} ${signer}`;
  model.nonces.set(key, (model.nonces.get(key) ?? 0n) + 1n);
}

function afterFee(amount: bigint): bigint {
  return amount - amount / 10n;
}
