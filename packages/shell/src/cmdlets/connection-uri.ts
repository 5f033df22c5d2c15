import type { ParameterType } from '../runtime/parameter-type.ts';
import { string } from '../runtime/parameter-type.ts';

const SCHEMES: Readonly<Record<string, string>> = { 'wss:': 'wss:', 'https:': 'wss:' };
const IN_CLEAR = new Set(['http:', 'ws:']);

/** The address of an agent, as a wss:// URL: https:// is another way to write it. */
export const connectionUri: ParameterType<string> = {
  ...string,
  name: 'Uri',
  accepts: () => false,
  convert(value) {
    const text = string.convert(value);
    const { protocol = '', hostname = '' } = URL.parse(text) ?? {};
    if (IN_CLEAR.has(protocol)) {
      const secure = text.replace(/^\w+:/u, 'wss:');
      throw new TypeError(`${text} would be a connection without TLS, and TLS is always used: give ${secure}`);
    }
    const scheme = SCHEMES[protocol];
    if (scheme !== undefined && hostname !== '') return text.replace(/^\w+:/u, scheme);
    throw new TypeError(`${text} is no address of an agent: give wss://HOST[:PORT], or the host by -ComputerName`);
  },
};
