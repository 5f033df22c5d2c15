import type { ConnectionWishes } from '../client/connection-wishes.ts';
import type { CmdletContext } from '../runtime/cmdlet.ts';
import { toText } from '../runtime/value-conversion.ts';
import { configurationName, wishesOf, type ConnectionArguments } from './connection-parameters.ts';
import { checkIdleOption } from './idle-timeout.ts';

export type MakingArguments = ConnectionArguments & { readonly ConfigurationName?: string | undefined };

/** How a cmdlet makes sessions; what it is not told, `$PSSessionOption` and `$PSSessionConfigurationName` say. @throws ErrorRecord */
export function sessionMaking(
  given: MakingArguments,
  context: Pick<CmdletContext, 'scope'>,
): { wishes: ConnectionWishes; configurationName: string | undefined } {
  const wishes = wishesOf(given, context);
  checkIdleOption(wishes.idleTimeoutMs);
  const preset = context.scope.get('PSSessionConfigurationName');
  const name = preset === undefined || preset === null ? undefined : configurationName.convert(toText(preset));
  return { wishes, configurationName: given.ConfigurationName ?? name };
}
