import { isIP } from 'node:net';
import { matchesPattern } from '@holdfast/protocol';

/** An address, or a network with how many of its bits count. */
type Network = { version: 4 | 6; value: bigint; prefix: number };

/** Whether an address is in a list, or what is wrong with the list. */
export type ListVerdict = boolean | { problem: string };

/** A user's own file must not keep the agent busy. */
const MAX_LIST_LENGTH = 16 * 1024;

const BITS = { 4: 32, 6: 128 } as const;

/**
 * Whether `address` is among those of `from=` (PATTERNS of ssh_config(5)): addresses, networks as ADDRESS/BITS, and patterns with `*`
 * and `?`, any of them with `!` in front, which excludes. As with sshd's UseDNS no, names of hosts are nobody's address.
 */
export function isAmong(list: string, address: string): ListVerdict {
  if (list.length > MAX_LIST_LENGTH) return unreadable(list);
  const own = networkOf(address);
  let found = false;
  for (const entry of list.toLowerCase().split(',')) {
    const isExcluded = entry.startsWith('!');
    const wanted = entry.slice(isExcluded ? 1 : 0);
    const network = networkOf(wanted);
    if (wanted === '' || network === 'inconsistent') return unreadable(list);
    const matches = network === undefined ? matchesPattern(wanted, address.toLowerCase()) : contains(network, own);
    if (matches && isExcluded) return false;
    found ||= matches;
  }
  return found;
}

/** Whether `address` is in the networks of a certificate's `source-address`: only addresses and ADDRESS/BITS may stand there. */
export function isInNetworks(list: string, address: string): ListVerdict {
  const own = networkOf(address);
  const networks = list.split(',').map(networkOf);
  if (networks.some((network) => typeof network !== 'object')) return unreadable(list);
  return networks.some((network) => contains(network, own));
}

/** Undefined for what is no address; `inconsistent` for a network that has more bits set than count. */
function networkOf(text: string): Network | 'inconsistent' | undefined {
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version !== 4 && version !== 6) return undefined;
  const prefix = bits === undefined ? BITS[version] : Number(bits);
  const value = version === 4 ? valueOf4(address) : valueOf6(address);
  const free = BigInt(BITS[version] - prefix);
  if (free < 0n || value !== (value >> free) << free) return 'inconsistent';
  return { version, value, prefix };
}

function contains(
  network: Network | 'inconsistent' | undefined,
  address: Network | 'inconsistent' | undefined,
): boolean {
  if (typeof network !== 'object' || typeof address !== 'object' || network.version !== address.version) return false;
  const free = BigInt(BITS[network.version] - network.prefix);
  return network.value >> free === address.value >> free;
}

function valueOf4(text: string): bigint {
  return text.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n);
}

/** Of an address that isIP() knows: groups of four hex digits, `::` once, and perhaps an IPv4 address at the end. */
function valueOf6(text: string): bigint {
  const [bare = ''] = text.split('%');
  const tail = /\d+\.\d+\.\d+\.\d+$/.exec(bare)?.[0];
  const low = tail === undefined ? 0n : valueOf4(tail);
  const whole = tail === undefined ? bare : bare.slice(0, -tail.length) + groups(low);
  const [head = '', rest] = whole.split('::');
  const before = head.split(':').filter((group) => group !== '');
  const after = (rest ?? '').split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].reduce((value, group) => value * 65_536n + BigInt(`0x${group}`), 0n);
}

function groups(value: bigint): string {
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}

function unreadable(list: string): { problem: string } {
  return { problem: `The addresses ${JSON.stringify(list.slice(0, 200))} cannot be read` };
}
