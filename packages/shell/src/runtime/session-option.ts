import type { OutputBufferingMode } from '@holdfast/protocol';
import { CustomObject } from './custom-object.ts';
import { ErrorRecord } from './error-record.ts';
import { Hashtable } from './hashtable.ts';
import { memberNames, readMember } from './members.ts';
import { ConversionError, oneOf, type ParameterType } from './parameter-type.ts';
import type { Scope } from './scope.ts';
import { TimeSpan, timeSpan } from './time-span.ts';
import { toText } from './value-conversion.ts';

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

const TIMES = new Set(['OperationTimeout', 'OpenTimeout', 'CancelTimeout', 'IdleTimeout']);

/**
 * How sessions are made. IdleTimeout and OutputBufferingMode count here; the others, which belong to another transport,
 * are kept and shown.
 */
export class PSSessionOption extends CustomObject {
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
    }
  }

  /** Milliseconds; undefined where the configuration decides. */
  get idleTimeoutMs(): number | undefined {
    const time = timeSpan.convert(readMember(this, 'IdleTimeout')).TotalMilliseconds;
    return time === SERVER_DEFAULT ? undefined : time;
  }

  /** Undefined where the configuration decides. */
  get outputBufferingMode(): OutputBufferingMode | undefined {
    const mode = outputBufferingMode.convert(readMember(this, 'OutputBufferingMode'));
    return mode === 'None' ? undefined : mode;
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

/** What a command was given, else `$PSSessionOption`. @throws ErrorRecord when that is none */
export function chosenOption(given: PSSessionOption | undefined, scope: Scope): PSSessionOption {
  const preset = scope.get('PSSessionOption');
  return given ?? (preset === undefined || preset === null ? new PSSessionOption() : sessionOption.convert(preset));
}
