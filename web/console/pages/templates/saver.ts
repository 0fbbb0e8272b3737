// Saves a draft by itself. Saves go one at a time, each on top of the edition
// before, so that nobody else's are overwritten in silence.

export type Saving =
  | { kind: 'saved'; at: Date | null }
  | { kind: 'changed' }
  | { kind: 'saving' }
  | { kind: 'failed'; error: unknown }
  /** Somebody else has saved meanwhile; nothing more is saved until that is settled. */
  | { kind: 'conflict' };

interface Options<F> {
  edition: number;
  /** Stores a form on top of an edition and returns the new one; throws Conflict if another is there. */
  save: (form: F, edition: number) => Promise<number>;
  /** Without a change for so long, in ms, what has changed is saved. */
  idle: number;
  onState: (state: Saving) => void;
  /** Called with what was stored. */
  onSaved?: (form: F) => void;
}

/** Another edition is stored than the one that was read. */
export class Conflict<T = unknown> extends Error {
  /** stored: what is there now, and by whom. */
  constructor(readonly stored: T) {
    super('somebody else has saved meanwhile');
  }
}

export class Saver<F> {
  edition: number;
  private form: F | undefined; // what is not stored yet
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<boolean> | undefined;
  private conflict = false;

  constructor(private readonly options: Options<F>) {
    this.edition = options.edition;
  }

  /** The form is another one now. */
  change(form: F): void {
    this.form = form;
    clearTimeout(this.timer);
    if (!this.conflict) {
      this.options.onState({ kind: 'changed' });
      this.timer = setTimeout(() => void this.flush(), this.options.idle);
    }
  }

  /** Whether something is not stored yet. */
  get pending(): boolean {
    return this.form !== undefined || this.running !== undefined;
  }

  /** Saves at once what has changed; true once all of it is stored. */
  async flush(): Promise<boolean> {
    clearTimeout(this.timer);
    while (this.running) {
      await this.running;
    }
    if (this.form === undefined) {
      return !this.conflict;
    }
    if (this.conflict) {
      return false;
    }
    this.running = this.saveOne(this.form);
    const stored = await this.running;
    return stored && (this.form === undefined || this.flush());
  }

  /** After a conflict: mine is saved on top of this edition. */
  settle(edition: number): Promise<boolean> {
    this.edition = edition;
    this.conflict = false;
    return this.flush();
  }

  /** Nothing is saved any more. */
  stop(): void {
    clearTimeout(this.timer);
    this.form = undefined;
  }

  private async saveOne(form: F): Promise<boolean> {
    this.form = undefined;
    this.options.onState({ kind: 'saving' });
    try {
      this.edition = await this.options.save(form, this.edition);
      this.running = undefined;
      this.options.onSaved?.(form);
      this.options.onState(this.form === undefined ? { kind: 'saved', at: new Date() } : { kind: 'changed' });
      return true;
    } catch (error) {
      this.running = undefined;
      this.form ??= form; // unless a newer one came meanwhile
      this.conflict = error instanceof Conflict;
      this.options.onState(this.conflict ? { kind: 'conflict' } : { kind: 'failed', error });
      return false;
    }
  }
}
