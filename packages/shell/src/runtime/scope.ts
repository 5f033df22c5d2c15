import { ErrorRecord } from './error-record.ts';

/** A variable that is made when it is asked for, or watched when it is set. */
type Computed = { get: () => unknown; set?: (value: unknown) => void };

const READ_ONLY = new Set(['true', 'false']);

/** Variables of one function or of the prompt; what is not set here is looked for outside (about_Scopes). */
export class Scope {
  readonly #values = new Map<string, { name: string; value: unknown; convert?: (value: unknown) => unknown }>();
  readonly #computed = new Map<string, Computed>();
  readonly outer: Scope | undefined;
  readonly #isItem: boolean;

  private constructor(outer: Scope | undefined, isItem: boolean) {
    this.outer = outer;
    this.#isItem = isItem;
  }

  static global(): Scope {
    return new Scope(undefined, false);
  }

  /** The scope of a function's call. */
  child(): Scope {
    return new Scope(this, false);
  }

  /** One turn of a script block for one object: `$_` is its own, whatever it sets is set outside. */
  withItem(item: unknown): Scope {
    const scope = new Scope(this, true);
    for (const name of ['_', 'PSItem']) scope.#values.set(name.toLowerCase(), { name, value: item });
    return scope;
  }

  /** The outermost scope. */
  get top(): Scope {
    return this.outer?.top ?? this;
  }

  /** Names of all variables that can be read here, for completion. */
  get names(): string[] {
    const own = [...this.#values.values()].map(({ name }) => name);
    return [...new Set([...own, ...this.#computed.keys(), ...(this.outer?.names ?? [])])];
  }

  /** Gives a variable that is worked out each time it is read. */
  compute(name: string, computed: Computed): void {
    this.#computed.set(name.toLowerCase(), computed);
  }

  /** The value of `$name`, `$global:name`, `$script:name`, `$local:name`, `$env:name`; undefined if it was never set. */
  get(name: string): unknown {
    const { scope, key } = this.#resolve(name);
    return scope === 'env' ? process.env[name.slice(4)] : scope.#find(key);
  }

  /** Whether a variable was ever set, or is one of the shell's own. */
  isSet(name: string): boolean {
    const { scope, key } = this.#resolve(name);
    if (scope === 'env') return process.env[name.slice(4)] !== undefined;
    for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
      if (at.#values.has(key) || at.#computed.has(key)) return true;
    }
    return false;
  }

  /** The same for an expression: a variable that was never set is null, one that was set to nothing is undefined. */
  read(name: string): unknown {
    const value = this.get(name);
    return value === undefined && !this.isSet(name) ? null : value;
  }

  /** @throws ErrorRecord VariableNotWritable */
  set(name: string, value: unknown): void {
    const { scope, key, plain } = this.#resolve(name);
    if (scope === 'env') throw notWritable(name, "the environment is the local shell's: use export there");
    // What goes there is wanted by nobody.
    if (key === 'null') return;
    if (READ_ONLY.has(key)) throw notWritable(name, 'it is a constant');
    if (scope.#isItem && scope.outer !== undefined) {
      scope.outer.set(name, value);
      return;
    }
    const computed = scope.#computedOf(key);
    if (computed === undefined) scope.#keep(key, plain, value);
    else if (computed.set === undefined) throw notWritable(name, 'it is set by the shell');
    else computed.set(value);
  }

  /** Sets a variable that converts all that is set later: `[int]$x = 5`. */
  declare(name: string, value: unknown, convert: (value: unknown) => unknown): void {
    this.set(name, convert(value));
    const { scope, key } = this.#resolve(name);
    const entry = scope === 'env' ? undefined : scope.#values.get(key);
    if (entry !== undefined) entry.convert = convert;
  }

  #keep(key: string, name: string, value: unknown): void {
    const known = this.#values.get(key);
    if (known === undefined) this.#values.set(key, { name, value });
    else known.value = known.convert === undefined ? value : known.convert(value);
  }

  #find(key: string): unknown {
    const computed = this.#computed.get(key);
    if (computed !== undefined) return computed.get();
    const known = this.#values.get(key);
    return known !== undefined ? known.value : this.outer === undefined ? undefined : this.outer.#find(key);
  }

  #computedOf(key: string): Computed | undefined {
    const own = this.#computed.get(key);
    return own ?? (this.outer === undefined ? undefined : this.outer.#computedOf(key));
  }

  #resolve(name: string): { scope: Scope | 'env'; key: string; plain: string } {
    const [, prefix = '', plain = name] = /^(\w+):(.+)$/u.exec(name) ?? [];
    const key = plain.toLowerCase();
    switch (prefix.toLowerCase()) {
      case '':
      case 'local':
      case 'private':
        return { scope: this, key, plain };
      case 'global':
      case 'script':
        return { scope: this.top, key, plain };
      case 'env':
        return { scope: 'env', key, plain };
      default:
        throw new ErrorRecord(
          'DriveNotFound',
          'ObjectNotFound',
          `There is no ${prefix}: for variables here; $env: and $global: are.`,
        );
    }
  }
}

function notWritable(name: string, reason: string): ErrorRecord {
  const message = `Cannot overwrite variable ${name} because ${reason}.`;
  return new ErrorRecord('VariableNotWritable', 'InvalidOperation', message, { target: name });
}
