import { defineCmdlet } from '../runtime/cmdlet.ts';
import { credential } from '../runtime/credential.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { int32, object, oneOf, string, switchParameter } from '../runtime/parameter-type.ts';
import { PSSessionOption, outputBufferingMode } from '../runtime/session-option.ts';
import { authentication } from './connection-parameters.ts';

const KEPT = 'Kept and shown, without effect: ';
const OF_HOST_KEY = `${KEPT}a host is known by its host key, which is always checked.`;
const NO_PROXY = `${KEPT}connections go straight to the agent.`;
const flag = (help: string) => ({ type: switchParameter, help }) as const;

/** Puts together how sessions are made. */
export default defineCmdlet({
  name: 'New-PSSessionOption',
  synopsis: 'Makes an object that says how sessions are made, for -SessionOption.',
  description:
    'The options count for the connections and sessions that are made with them. What another transport would need is kept and shown, and changes nothing. A time is in milliseconds, and 0 is without end; where none is chosen the client has limits of its own: 10 seconds to reach a host, 2 from the interrupt of a command to its kill or to where it is left running. The variable $PSSessionOption holds the options of the commands that get none.',
  acts: 'agent',
  parameters: {
    MaximumRedirection: { type: int32, help: `${KEPT}agents do not redirect.` },
    NoCompression: flag(`${KEPT}nothing is compressed.`),
    NoMachineProfile: flag("The shell of a session does not read the user's own rc files, only the machine's."),
    Culture: { type: string, help: `${KEPT}LANG and LC_* of this machine count in a session.` },
    UICulture: { type: string, help: `${KEPT}LANG and LC_* of this machine count in a session.` },
    MaximumReceivedDataSizePerCommand: {
      type: int32,
      help: 'Bytes of output that a command may write; one that writes more is stopped, which is an error. 0 sets no limit.',
    },
    MaximumReceivedObjectSize: {
      type: int32,
      help: 'Bytes of one line of output; a command that writes a longer one is stopped, which is an error. 0 sets no limit.',
    },
    OutputBufferingMode: {
      type: outputBufferingMode,
      help: 'What happens when the output that a disconnected session keeps reaches its limit: Block stops the command, Drop discards the oldest output.',
    },
    MaxConnectionRetryCount: {
      type: int32,
      help: 'Further attempts to reach a host when the network fails; none when it is not given.',
    },
    ApplicationArguments: { type: object, help: `${KEPT}shells have no $PSSenderInfo.` },
    OpenTimeout: {
      type: int32,
      aliases: ['OpenTimeoutMSec'],
      help: 'For each attempt to reach a host, and for the host to make the session; not while a person is asked.',
    },
    CancelTimeout: {
      type: int32,
      aliases: ['CancelTimeoutMSec'],
      help: 'From the interrupt of a command that is stopped to its kill; one that runs in a session is not killed but left running, and that is said.',
    },
    IdleTimeout: {
      type: int32,
      aliases: ['IdleTimeoutMSec'],
      help: 'For which the host keeps a disconnected session; -1, the default, leaves it to the configuration.',
    },
    ProxyAccessType: {
      type: oneOf('ProxyAccessType', 'None', 'IEConfig', 'WinHttpConfig', 'AutoDetect', 'NoProxyServer'),
      help: NO_PROXY,
    },
    ProxyAuthentication: { type: authentication, help: NO_PROXY },
    ProxyCredential: { type: credential, help: NO_PROXY },
    SkipCACheck: flag(OF_HOST_KEY),
    SkipCNCheck: flag(OF_HOST_KEY),
    SkipRevocationCheck: flag(OF_HOST_KEY),
    OperationTimeout: {
      type: int32,
      aliases: ['OperationTimeoutMSec'],
      help: 'For the answer of a host that is asked to list, connect, disconnect or end sessions.',
    },
    NoEncryption: flag(`${KEPT}TLS is always used.`),
    UseUTF16: flag(`${KEPT}text is UTF-8.`),
    IncludePortInSPN: flag(`${KEPT}there is no Kerberos.`),
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
    {
      code: 'New-PSSession srv1 -SessionOption (New-PSSessionOption -OpenTimeout 30000 -MaxConnectionRetryCount 5)',
      remarks: 'Gives a host behind a bad network more time.',
    },
  ],
  async *process({ MaximumRedirection, ...options }) {
    refuse(options);
    const chosen = Object.entries({ ...options, MaximumConnectionRedirectionCount: MaximumRedirection });
    yield new PSSessionOption(chosen.filter(([, value]) => value !== undefined));
  },
});

/** The least that an option may be. */
const LEAST = {
  IdleTimeout: -1,
  OpenTimeout: 0,
  CancelTimeout: 0,
  OperationTimeout: 0,
  MaxConnectionRetryCount: 0,
  MaximumReceivedDataSizePerCommand: 0,
  MaximumReceivedObjectSize: 0,
} as const;

type Checked = { readonly [K in keyof typeof LEAST]?: number | undefined } & {
  readonly ProxyAccessType?: string | undefined;
  readonly ProxyAuthentication?: string | undefined;
  readonly ProxyCredential?: object | undefined;
};

function refuse(options: Checked): void {
  for (const [name, least] of Object.entries(LEAST)) {
    const given: unknown = Reflect.get(options, name);
    if (typeof given === 'number') checkNumber(name, given, least);
  }
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

function checkNumber(name: string, given: number, least: number): void {
  if (given >= least) return;
  const message = `Cannot validate argument on parameter '${name}'. The ${given} argument is less than the minimum allowed range of ${least}. Supply an argument that is greater than or equal to ${least} and then try the command again.`;
  throw invalid(message, name);
}

function invalid(message: string, target: string): ErrorRecord {
  return new ErrorRecord('ParameterArgumentValidationError', 'InvalidArgument', message, { target });
}
