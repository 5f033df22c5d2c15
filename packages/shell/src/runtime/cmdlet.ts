import type { Remoting } from '../client/remoting.ts';
import type { CompletedBy } from './completion-source.ts';
import type { FunctionTable } from './function-table.ts';
import type { Host } from './host.ts';
import type { JobTable } from './job-table.ts';
import type { ConfirmImpact } from './confirm-impact.ts';
import type { NativeShell } from './native-shell.ts';
import type { ParameterType } from './parameter-type.ts';
import type { Scope } from './scope.ts';
import type { ScriptBlock } from './script-block.ts';

/** One parameter of a cmdlet; binding, help, completion and the documentation read it. */
export type Parameter<T> = {
  readonly type: ParameterType<T>;
  readonly help: string;
  readonly aliases?: readonly string[];
  /** Place among the arguments without a name, from 0. */
  readonly position?: number;
  /** Must be given; a list names the parameter sets in which it must. */
  readonly mandatory?: boolean | readonly string[];
  /** The parameter sets it belongs to; absent: all of them. */
  readonly sets?: readonly string[];
  /** Takes pipeline objects whole, or their property of the same name. */
  readonly pipeline?: 'value' | 'name' | 'both';
  readonly wildcards?: boolean;
  /** Takes the arguments without a name that no position is left for. */
  readonly remaining?: boolean;
  /** Where completion finds its values, besides those of its type; absent: there are none to offer. */
  readonly complete?: CompletedBy;
  /** Taken only to say why it is not: help tells, syntax and completion leave it out. */
  readonly refused?: boolean;
};

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

/** A switch is always there; a mandatory parameter of every set too; the others may be missing. */
type BoundValue<P> =
  P extends Parameter<infer T>
    ? [T] extends [boolean]
      ? boolean
      : P extends { mandatory: true; sets?: never }
        ? T
        : T | undefined
    : never;

/** The values that a cmdlet gets, by the parameters' names. */
type Bound<P extends Parameters> = { readonly [K in keyof P]: BoundValue<P[K]> };

/** The commands that there are, as help and completion ask for them. */
export type Commands = {
  readonly names: string[];
  readonly aliases: readonly (readonly [alias: string, name: string])[];
  find(word: string): string | undefined;
  /** Whether the local shell has a short name for something of its own. */
  isShells(word: string): boolean;
  load(word: string): Promise<Cmdlet>;
};

/** What a cmdlet may use while it runs. */
export type CmdletContext = {
  readonly host: Host;
  readonly remoting: Remoting;
  readonly commands: Commands;
  readonly nativeShell: NativeShell;
  readonly functions: Pick<FunctionTable, 'names' | 'find'>;
  /** What runs in the background. */
  readonly jobs: JobTable;
  /** The variables of the caller. */
  readonly scope: Scope;
  /** What comes through the pipeline, for a cmdlet that takes all of it; nothing without one. */
  readonly input: AsyncIterable<unknown>;
  readonly hasInput: boolean;
  /** Runs a script block for one object, which is its `$_`, in the caller's variables. */
  readonly invoke: (block: ScriptBlock, item: unknown) => AsyncIterable<unknown>;
  /** Calls a script block with arguments and the cmdlet's input, as `&` does, or as `.` does when it is dotted. */
  readonly call: (block: ScriptBlock, values: readonly unknown[], dotted: boolean) => AsyncIterable<unknown>;
  /** Aborts on Ctrl+C; every wait takes it. */
  readonly signal: AbortSignal;
  /** Name of the parameter set that the arguments chose. */
  readonly parameterSet: string;
  /** Reports a failure and lets the cmdlet go on, unless -ErrorAction says otherwise. */
  readonly writeError: (error: unknown) => Promise<void>;
  readonly writeWarning: (text: string) => void;
  readonly writeVerbose: (text: string) => void;
  /** Tells a person who looks on; a script's streams stay as they are. */
  readonly writeInformation: (text: string) => void;
  /** Asks -WhatIf and -Confirm whether the action may be done; `action` defaults to the cmdlet's verb. */
  readonly shouldProcess: (target: string, action?: string) => Promise<boolean>;
};

export type Example = { readonly code: string; readonly remarks: string };

/** A command of ours: its declaration and its work. */
export type Cmdlet<P extends Parameters = Parameters> = {
  /** Verb-Noun, also the file's name. */
  readonly name: string;
  readonly synopsis: string;
  readonly description?: string;
  /**
   * Where it acts (design.md, "At an entered prompt"): `agent` on hosts, sessions and this shell, and is run by Holdfast
   * from an entered prompt too; `client` on this machine's files, and is refused there; `data` on the objects that it gets,
   * and is refused there where a pipeline begins, since it would get none of the host's.
   */
  readonly acts: 'agent' | 'client' | 'data';
  /** Has -WhatIf and -Confirm. */
  readonly supportsShouldProcess?: boolean;
  /** How much it changes: `$ConfirmPreference` up to it asks first. Medium unless given. */
  readonly confirmImpact?: ConfirmImpact;
  readonly parameters: P;
  /** The set that is taken when the arguments fit several. */
  readonly defaultParameterSet?: string;
  readonly examples: readonly Example[];
  /** Properties of what it gives, for completion; `input`: those of what it gets. Absent: nobody can tell. */
  readonly output?: readonly string[] | 'input';
  /** `all`: called once, with everything that comes through the pipeline as `context.input`; else once for each object. */
  readonly input?: 'each' | 'all';
  /** Yields its results one by one. A thrown error ends it. */
  process(bound: Bound<P>, context: CmdletContext): AsyncIterable<unknown>;
};

/** Declares a cmdlet; the types of `process` follow from the parameters. */
export function defineCmdlet<const P extends Parameters>(definition: Cmdlet<P>): Cmdlet<P> {
  return definition;
}

/** Checks what a cmdlet's module gave. */
export function isCmdlet(value: unknown): value is Cmdlet {
  if (typeof value !== 'object' || value === null) return false;
  return 'name' in value && 'parameters' in value && 'process' in value && typeof value.process === 'function';
}
