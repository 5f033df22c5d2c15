import type { OutputBufferingMode } from '@holdfast/protocol';

/** The address that a session was reached at. */
export type SessionAddress = { computerName: string; host?: string; port?: number; path?: string; user?: string };

/**
 * `$session.Runspace.ConnectionInfo`: PowerShell's names in its order (seed 003, example 4). What has no meaning on Unix
 * hosts is blank or shows the documented default.
 */
export class ConnectionInfo {
  readonly ConnectionUri: string;
  readonly ComputerName: string;
  readonly Scheme: string;
  readonly Port: number | undefined;
  readonly AppName = '';
  readonly Credential: string;
  readonly ShellUri = '';
  readonly AuthenticationMechanism = 'Default';
  readonly CertificateThumbprint = '';
  readonly MaximumConnectionRedirectionCount = 5;
  readonly MaximumReceivedDataSizePerCommand = '';
  readonly MaximumReceivedObjectSize = 209_715_200;
  readonly UseCompression = true;
  readonly NoMachineProfile = false;
  readonly ProxyAccessType = 'None';
  readonly ProxyAuthentication = 'Negotiate';
  readonly ProxyCredential = '';
  readonly SkipCACheck = false;
  readonly SkipCNCheck = false;
  readonly SkipRevocationCheck = false;
  readonly NoEncryption = false;
  readonly UseUTF16 = false;
  readonly OutputBufferingMode: OutputBufferingMode;
  readonly IncludePortInSPN = false;
  readonly Culture: string;
  readonly UICulture: string;
  readonly OpenTimeout = 180_000;
  readonly CancelTimeout = 60_000;
  readonly OperationTimeout = 180_000;
  readonly IdleTimeout: number;

  /** @param shown what was chosen; the documented default is shown of the rest */
  constructor(
    address: SessionAddress,
    session: { OutputBufferingMode: OutputBufferingMode; IdleTimeout: number },
    shown: Partial<ShownConnection> = {},
  ) {
    const { computerName, host, port, path = '', user = '' } = address;
    const culture = new Intl.DateTimeFormat().resolvedOptions().locale;
    this.ConnectionUri =
      host === undefined ? '' : `wss://${host.includes(':') ? `[${host}]` : host}:${port ?? ''}${path}`;
    this.ComputerName = computerName;
    this.Scheme = host === undefined ? '' : 'wss';
    this.Port = port;
    this.Credential = user;
    this.OutputBufferingMode = session.OutputBufferingMode;
    this.Culture = culture;
    this.UICulture = culture;
    this.IdleTimeout = session.IdleTimeout;
    Object.assign(this, shown);
  }
}

/** What a session is made with that its host does not tell again. */
export type ShownConnection = {
  -readonly [
    K in Exclude<
      keyof ConnectionInfo,
      | 'ConnectionUri'
      | 'ComputerName'
      | 'Scheme'
      | 'Port'
      | 'Credential'
      | 'ShellUri'
      | 'OutputBufferingMode'
      | 'IdleTimeout'
    >
  ]: ConnectionInfo[K] extends boolean ? boolean : ConnectionInfo[K] extends number ? number : string | number;
};
