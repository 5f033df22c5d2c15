import type { ParameterType } from './parameter-type.ts';
import { ConversionError, string } from './parameter-type.ts';

/** Who to be on a host. */
export type Credential = { readonly UserName: string };

/** A user's name as typed: `user`, `user@host`, `Domain01\User01`; only the user itself counts here. */
export const credential: ParameterType<Credential> = {
  ...string,
  name: 'PSCredential',
  accepts: () => false,
  convert(value) {
    const text = string.convert(value);
    const UserName = text.replace(/^.*\\/u, '').replace(/@.*$/u, '');
    if (UserName === '') throw new ConversionError(value, 'PSCredential', 'It names no user');
    return { UserName };
  },
};
