/** Which network addresses an OAuth request may reach: what a server says about itself must not open doors inside. */
import { BlockList, isIP } from 'node:net';

/** RFC 6890 and its successors: everything that is not the public internet. */
const INSIDE: readonly (readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.88.99.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 4, 'ipv4'],
  ['240.0.0.0', 4, 'ipv4'],
  ['::', 96, 'ipv6'],
  // Addresses that carry an IPv4 one: NAT64, 6to4 and Teredo.
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['2001::', 23, 'ipv6'],
  ['100::', 64, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['fec0::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];

const inside = new BlockList();
for (const [network, prefix, family] of INSIDE) inside.addSubnet(network, prefix, family);

/** True for an IP address of the public internet. IPv6 forms of an IPv4 address count as that address. */
export function isPublicAddress(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const mapped = mappedIpv4(plain);
  if (mapped !== undefined) return !inside.check(mapped, 'ipv4');
  switch (isIP(plain)) {
    case 4:
      return !inside.check(plain, 'ipv4');
    case 6:
      return !inside.check(plain, 'ipv6');
    default:
      return false;
  }
}

/** True for names and addresses that cannot leave this computer. */
export function isLoopbackName(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** True for an address, as DNS gave it, that is this computer. */
export function isLoopbackAddress(address: string): boolean {
  const ipv4 = mappedIpv4(address) ?? address;
  return address === '::1' || /^127(\.\d{1,3}){3}$/.test(ipv4);
}

/** The IPv4 address inside `::ffff:…`, in whichever spelling; undefined for any other. */
function mappedIpv4(address: string): string | undefined {
  if (isIP(address) !== 6) return undefined;
  const canonical = URL.parse(`http://[${address}]/`)?.hostname ?? '';
  const parts = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(canonical);
  if (!parts) return undefined;
  const [high = 0, low = 0] = parts.slice(1).map((part) => Number.parseInt(part, 16));
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}
