/** The service cannot do its work, and waiting does not help. */
export class Refusal extends Error {
  /** How the process ends: 2 it was told wrong things, 3 going on would spoil what is there. */
  readonly exit: 2 | 3;
  readonly remedy: string;

  constructor(exit: 2 | 3, message: string, remedy: string) {
    super(`${message}; fix: ${remedy}`);
    this.name = 'Refusal';
    this.exit = exit;
    this.remedy = remedy;
  }
}
