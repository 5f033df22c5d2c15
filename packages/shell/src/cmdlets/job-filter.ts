import { ErrorRecord } from '../runtime/error-record.ts';
import type { Hashtable } from '../runtime/hashtable.ts';
import type { AnyJob } from '../runtime/job.ts';
import { hasMember, readMember } from '../runtime/members.ts';
import { toList, toText } from '../runtime/value-conversion.ts';
import { matchesWildcard } from '../runtime/wildcard.ts';

/**
 * What `-Filter @{State='Failed'; Name='Backup*'}` says of a job: each property has the value, or one of the values, as
 * text in any case; text may be a pattern.
 * @throws ErrorRecord when a job is asked for a property that jobs do not have
 */
export function jobFilter(filter: Hashtable): (job: AnyJob) => boolean {
  const wanted = [...filter.entries()].map(([name, value]) => ({ name: toText(name), values: toList(value) }));
  return (job) =>
    wanted.every(({ name, values }) => {
      if (!hasMember(job, name)) throw unknownProperty(name);
      const text = toText(readMember(job, name));
      return values.some((value) => matchesWildcard(toText(value), text));
    });
}

function unknownProperty(name: string): ErrorRecord {
  const message = `Jobs have no property '${name}': Id, Name, InstanceId, State, HasMoreData, Location and Command are theirs.`;
  return new ErrorRecord('FilterPropertyNotFound', 'InvalidArgument', message, { target: name });
}
