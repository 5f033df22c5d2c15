import type { PSSession } from '../client/ps-session.ts';
import type { Job } from '../runtime/job.ts';

/** Properties of what several cmdlets give, which completion offers behind them; a test compares them with the objects. */
export const SESSION_PROPERTIES = [
  'ComputerName',
  'ComputerType',
  'Id',
  'Name',
  'InstanceId',
  'SessionId',
  'ConfigurationName',
  'State',
  'Availability',
  'DisconnectedOn',
  'ExpiresOn',
  'IdleTimeout',
  'OutputBufferingMode',
  'Recording',
  'Attachments',
  'Owner',
  'Grants',
  'Runspace',
] as const satisfies readonly (keyof PSSession)[];

export const JOB_PROPERTIES = [
  'Id',
  'Name',
  'InstanceId',
  'PSJobTypeName',
  'Location',
  'Command',
  'ChildJobs',
  'State',
  'HasMoreData',
  'JobStateInfo',
  'PSBeginTime',
  'PSEndTime',
  'Error',
] as const satisfies readonly (keyof Job)[];
