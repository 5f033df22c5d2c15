import { defineCmdlet } from '../runtime/cmdlet.ts';
import { credential } from '../runtime/credential.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { int32, object, oneOf, string, switchParameter } from '../runtime/parameter-type.ts';
import { PSSessionOption, outputBufferingMode } from '../runtime/session-option.ts';

const OTHER_TRANSPORT = 'Kept and shown; it belongs to another transport.';
const flag = { type: switchParameter, help: OTHER_TRANSPORT } as const;

const authentication = oneOf(
  'AuthenticationMechanism',
  'Default',
  'Basic',
  'Negotiate',
  'NegotiateWithImplicitCredential',
  'Credssp',
  'Digest',
  'Kerberos',
);

/** Puts together how sessions are made. */
export default defineCmdlet({
  name: 'New-PSSessionOption',
  synopsis: 'Makes an object that says how sessions are made, for -SessionOption.',
  description:
    'IdleTimeout and OutputBufferingMode are what the host keeps a disconnected session by. The other options belong to another transport: they are kept and shown, and change nothing. The variable $PSSessionOption holds the options of the commands that get none.',
  acts: 'data',
  parameters: {
    MaximumRedirection: { type: int32, help: OTHER_TRANSPORT },
    NoCompression: flag,
    NoMachineProfile: flag,
    Culture: { type: string, help: OTHER_TRANSPORT },
    UICulture: { type: string, help: OTHER_TRANSPORT },
    MaximumReceivedDataSizePerCommand: { type: int32, help: OTHER_TRANSPORT },
    MaximumReceivedObjectSize: { type: int32, help: OTHER_TRANSPORT },
    OutputBufferingMode: {
      type: outputBufferingMode,
      help: 'What happens when the output that a disconnected session keeps reaches its limit: Block stops the command, Drop discards the oldest output.',
    },
    MaxConnectionRetryCount: { type: int32, help: OTHER_TRANSPORT },
    ApplicationArguments: { type: object, help: OTHER_TRANSPORT },
    OpenTimeout: { type: int32, aliases: ['OpenTimeoutMSec'], help: OTHER_TRANSPORT },
    CancelTimeout: { type: int32, aliases: ['CancelTimeoutMSec'], help: OTHER_TRANSPORT },
    IdleTimeout: {
      type: int32,
      aliases: ['IdleTimeoutMSec'],
      help: 'Milliseconds for which the host keeps a disconnected session; -1, the default, leaves it to the configuration.',
    },
    ProxyAccessType: {
      type: oneOf('ProxyAccessType', 'None', 'IEConfig', 'WinHttpConfig', 'AutoDetect', 'NoProxyServer'),
      help: OTHER_TRANSPORT,
    },
    ProxyAuthentication: { type: authentication, help: OTHER_TRANSPORT },
    ProxyCredential: { type: credential, help: OTHER_TRANSPORT },
    SkipCACheck: flag,
    SkipCNCheck: flag,
    SkipRevocationCheck: flag,
    OperationTimeout: { type: int32, aliases: ['OperationTimeoutMSec'], help: OTHER_TRANSPORT },
    NoEncryption: flag,
    UseUTF16: flag,
    IncludePortInSPN: flag,
  },
  examples: [
    { code: 'New-PSSessionOption', remarks: 'Shows the options as they are by default.' },
    {
      code: '$Timeout = New-PSSessionOption -IdleTimeout 3600000; New-PSSession srv1 -SessionOption $Timeout',
      remarks: 'Creates a session that is kept for an hour when it is disconnected.',
    },
    {
      code: '$PSSessionOption = New-PSSessionOption -OutputBufferingMode Drop',
      remarks: 'Says how sessions are made from now on.',
    },
  ],
  async *process({ MaximumRedirection, ...options }) {
    refuse(options);
    const chosen = Object.entries({ ...options, MaximumConnectionRedirectionCount: MaximumRedirection });
    yield new PSSessionOption(chosen.filter(([, value]) => value !== undefined));
  },
});

type Checked = {
  readonly [K in 'IdleTimeout' | 'OpenTimeout' | 'CancelTimeout' | 'OperationTimeout']?: number | undefined;
} & {
  readonly ProxyAccessType?: string | undefined;
  readonly ProxyAuthentication?: string | undefined;
  readonly ProxyCredential?: object | undefined;
};

function refuse(options: Checked): void {
  const { IdleTimeout = 0, OpenTimeout = 0, CancelTimeout = 0, OperationTimeout = 0 } = options;
  checkTime('IdleTimeout', IdleTimeout, -1);
  for (const [name, time] of Object.entries({ OpenTimeout, CancelTimeout, OperationTimeout })) checkTime(name, time, 0);
  const { ProxyAccessType = 'None', ProxyAuthentication = 'Negotiate', ProxyCredential } = options;
  if (!['Basic', 'Negotiate', 'Digest'].includes(ProxyAuthentication)) {
    throw invalid(
      `The authentication mechanism ${ProxyAuthentication} is not supported for a proxy: Negotiate, Basic and Digest are.`,
      ProxyAuthentication,
    );
  }
  if (ProxyCredential !== undefined && ProxyAccessType === 'None') {
    throw invalid('A proxy credential cannot be given when ProxyAccessType is None.', 'ProxyCredential');
  }
}

function checkTime(name: string, time: number, least: number): void {
  if (time >= least) return;
  const message = `Cannot validate argument on parameter '${name}'. The ${time} argument is less than the minimum allowed range of ${least}. Supply an argument that is greater than or equal to ${least} and then try the command again.`;
  throw invalid(message, name);
}

function invalid(message: string, target: string): ErrorRecord {
  return new ErrorRecord('ParameterArgumentValidationError', 'InvalidArgument', message, { target });
}
