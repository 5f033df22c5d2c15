import { isIPv6 } from 'node:net';

/**
 * What a client counts as where clients are counted by their addresses: an IPv4 address by itself, an IPv6 one by its network
 * of 64 bits, since whoever has one address there has them all (RFC 4291, 2.5.1).
 */
export function clientNetwork(address: string): string {
  if (!isIPv6(address)) return address;
  const [bare = '', zone] = address.split('%');
  const [before = [], after] = bare.split('::').map(groupsOf);
  const groups = after === undefined ? before : [...before, ...zeros(8 - before.length - after.length), ...after];
  const first = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${first.join(':')}::/64${zone === undefined ? '' : `%${zone}`}`;
}

/** An IPv4 address at the end stands for two groups, which are never among the first four. */
function groupsOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\d+\.\d+\.\d+\.\d+$/, '0:0').split(':');
}

function zeros(count: number): string[] {
  return Array.from({ length: count }, () => '0');
}
