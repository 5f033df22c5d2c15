import type { ShownConnection } from '../client/connection-info.ts';
import type { ConnectionWishes } from '../client/connection-wishes.ts';
import { CustomObject } from './custom-object.ts';
import { defined } from './defined.ts';
import { ErrorRecord } from './error-record.ts';
import { Hashtable } from './hashtable.ts';
import { memberNames, readMember } from './members.ts';
import { ConversionError, int32, oneOf, type ParameterType } from './parameter-type.ts';
import type { Scope } from './scope.ts';
import { TimeSpan, timeSpan } from './time-span.ts';
import { toBoolean, toText } from './value-conversion.ts';

export const outputBufferingMode = oneOf('OutputBufferingMode', 'None', 'Drop', 'Block');

/** Stands for the configuration's own idle time-out. */
const SERVER_DEFAULT = -1;

/** What the object holds before anything is chosen, in PowerShell's order. */
const DEFAULTS: readonly (readonly [string, unknown])[] = [
  ['MaximumConnectionRedirectionCount', 5],
  ['NoCompression', false],
  ['NoMachineProfile', false],
  ['ProxyAccessType', 'None'],
  ['ProxyAuthentication', 'Negotiate'],
  ['ProxyCredential', null],
  ['SkipCACheck', false],
  ['SkipCNCheck', false],
  ['SkipRevocationCheck', false],
  ['OperationTimeout', new TimeSpan(180_000)],
  ['NoEncryption', false],
  ['UseUTF16', false],
  ['IncludePortInSPN', false],
  ['OutputBufferingMode', 'None'],
  ['MaxConnectionRetryCount', 0],
  ['Culture', null],
  ['UICulture', null],
  ['MaximumReceivedDataSizePerCommand', null],
  ['MaximumReceivedObjectSize', null],
  ['ApplicationArguments', null],
  ['OpenTimeout', new TimeSpan(180_000)],
  ['CancelTimeout', new TimeSpan(60_000)],
  ['IdleTimeout', new TimeSpan(SERVER_DEFAULT)],
];

/** What `$PSSessionOption` holds instead. */
const PREFERRED: readonly (readonly [string, number])[] = [
  ['MaxConnectionRetryCount', 5],
  ['MaximumReceivedObjectSize', 209_715_200],
];

const DEFAULT_OF: ReadonlyMap<string, unknown> = new Map(DEFAULTS);
const MAX_INT32 = 2 ** 31 - 1;

const TIMES = new Set(['OperationTimeout', 'OpenTimeout', 'CancelTimeout', 'IdleTimeout']);

/** How connections and sessions are made; docs/cmdlets/New-PSSessionOption.md says what each option does. */
export class PSSessionOption extends CustomObject {
  readonly #chosen = new Set<string>();
  readonly #initial = new Map(DEFAULT_OF);

  /** @param chosen by the properties' names, in any case @throws ErrorRecord for a property that there is not */
  constructor(chosen: Iterable<readonly [string, unknown]> = []) {
    super(DEFAULTS);
    for (const [name, value] of chosen) {
      const key = memberNames(this).find((one) => one.toLowerCase() === name.toLowerCase());
      if (key === undefined) {
        const message = `Cannot create object of type "System.Management.Automation.Remoting.PSSessionOption". The property ${name} was not found for the object. The available properties are: ${memberNames(this).join(', ')}`;
        throw new ErrorRecord('ObjectCreationError', 'InvalidArgument', message, { target: name });
      }
      Reflect.set(this, key, TIMES.has(key) ? timeSpan.convert(value) : value);
      this.#chosen.add(key);
    }
  }

  /** The object that `$PSSessionOption` holds at first: nothing of it is chosen. */
  static preference(): PSSessionOption {
    const option = new PSSessionOption();
    for (const [name, value] of PREFERRED) {
      option.#initial.set(name, value);
      Reflect.set(option, name, value);
    }
    return option;
  }

  /** What of it acts, and what is shown. @throws ConversionError for a value that does not fit */
  get wishes(): ConnectionWishes {
    const idle = this.#milliseconds('IdleTimeout');
    const mode = outputBufferingMode.convert(readMember(this, 'OutputBufferingMode'));
    return defined({
      openTimeoutMs: this.#chosenTime('OpenTimeout'),
      operationTimeoutMs: this.#chosenTime('OperationTimeout'),
      cancelTimeoutMs: this.#chosenTime('CancelTimeout'),
      retries: this.#chosenNumber('MaxConnectionRetryCount'),
      maxReceivedBytes: this.#chosenNumber('MaximumReceivedDataSizePerCommand'),
      maxObjectBytes: this.#chosenNumber('MaximumReceivedObjectSize'),
      noProfile: this.#flag('NoMachineProfile') ? true : undefined,
      // The configuration decides.
      idleTimeoutMs: idle === SERVER_DEFAULT ? undefined : idle,
      outputBufferingMode: mode === 'None' ? undefined : mode,
      shown: this.#shown(),
    });
  }

  #shown(): Partial<ShownConnection> {
    const text = (key: string): string | undefined => {
      const value = readMember(this, key);
      return value === null || value === undefined ? undefined : toText(value);
    };
    return defined({
      MaximumConnectionRedirectionCount: this.#number('MaximumConnectionRedirectionCount'),
      MaximumReceivedDataSizePerCommand: this.#number('MaximumReceivedDataSizePerCommand'),
      MaximumReceivedObjectSize: this.#number('MaximumReceivedObjectSize'),
      UseCompression: !this.#flag('NoCompression'),
      NoMachineProfile: this.#flag('NoMachineProfile'),
      ProxyAccessType: text('ProxyAccessType'),
      ProxyAuthentication: text('ProxyAuthentication'),
      ProxyCredential: toText(readMember(readMember(this, 'ProxyCredential'), 'UserName')),
      SkipCACheck: this.#flag('SkipCACheck'),
      SkipCNCheck: this.#flag('SkipCNCheck'),
      SkipRevocationCheck: this.#flag('SkipRevocationCheck'),
      NoEncryption: this.#flag('NoEncryption'),
      UseUTF16: this.#flag('UseUTF16'),
      IncludePortInSPN: this.#flag('IncludePortInSPN'),
      Culture: text('Culture'),
      UICulture: text('UICulture'),
      OpenTimeout: this.#shownTime('OpenTimeout'),
      CancelTimeout: this.#shownTime('CancelTimeout'),
      OperationTimeout: this.#shownTime('OperationTimeout'),
    });
  }

  #milliseconds(key: string): number {
    return timeSpan.convert(readMember(this, key)).TotalMilliseconds;
  }

  #shownTime(key: string): number {
    const time = this.#milliseconds(key);
    return time < 0 || time > MAX_INT32 ? MAX_INT32 : time;
  }

  /** What was chosen here or set since; the client has limits of its own, which are shorter than the documented ones. */
  #chosenTime(key: string): number | undefined {
    return this.#isChosen(key) ? this.#shownTime(key) : undefined;
  }

  #chosenNumber(key: string): number | undefined {
    return this.#isChosen(key) ? this.#number(key) : undefined;
  }

  #isChosen(key: string): boolean {
    return this.#chosen.has(key) || toText(readMember(this, key)) !== toText(this.#initial.get(key));
  }

  #number(key: string): number | undefined {
    const value = readMember(this, key);
    return value === null || value === undefined ? undefined : int32.convert(value);
  }

  #flag(key: string): boolean {
    return toBoolean(readMember(this, key));
  }
}

/** An option object, or a hashtable with some of its properties. */
export const sessionOption: ParameterType<PSSessionOption> = {
  name: 'PSSessionOption',
  isSwitch: false,
  values: [],
  accepts: (value) => value instanceof PSSessionOption || value instanceof Hashtable,
  convert(value) {
    if (value instanceof PSSessionOption) return value;
    if (value instanceof Hashtable)
      return new PSSessionOption([...value.entries()].map(([key, one]) => [toText(key), one]));
    throw new ConversionError(value, 'PSSessionOption', "Invalid cast from 'System.String' to 'PSSessionOption'.");
  },
};

/** What a command was given, else `$PSSessionOption`; nothing where that is not set. @throws ErrorRecord when that is none */
export function chosenWishes(given: PSSessionOption | undefined, scope: Scope): ConnectionWishes {
  const preset = scope.get('PSSessionOption');
  if (given !== undefined) return given.wishes;
  return preset === undefined || preset === null ? {} : sessionOption.convert(preset).wishes;
}
