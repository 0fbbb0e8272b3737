// Which addresses an app may declare, said while one is typed. The server decides, by
// the same rules (internal/oauth/redirect.go).

/** Why an address is refused; each has words of its own. */
export type AddressFault =
  | 'scheme'
  | 'ascii'
  | 'fragment'
  | 'user'
  | 'host'
  | 'http'
  | 'port'
  | 'path'
  | 'query'
  | 'long';

const longest = 2048; // bytes

/** What is wrong with an address that is not empty; null for nothing. */
export function addressFault(address: string): AddressFault | null {
  if (address.length > longest) {
    return 'long';
  }
  if (!/^[!-~]+$/.test(address)) {
    return 'ascii';
  }
  if (/[\\#]|%5c/i.test(address)) {
    return 'fragment';
  }
  const parts = /^(https?):\/\/([^/?]*)([^?]*)(\?.*)?$/.exec(address);
  if (!parts) {
    return 'scheme';
  }
  const [, scheme = '', authority = '', path = '', query] = parts;
  if (authority.includes('@')) {
    return 'user';
  }
  const wrong = hostFault(scheme, authority);
  if (wrong !== null) {
    return wrong;
  }
  if (!path.startsWith('/') || path.startsWith('//') || !isPlain(path)) {
    return 'path';
  }
  return query === undefined ? null : 'query';
}

function hostFault(scheme: string, authority: string): AddressFault | null {
  const parts = /^(\[[0-9a-f:.]+\]|[^:[\]]*)(?::(.*))?$/.exec(authority);
  if (!parts) {
    return 'host';
  }
  const [, host = '', port] = parts;
  if (!host.startsWith('[') && !isName(host)) {
    return 'host';
  }
  if (port !== undefined && !/^[1-9][0-9]{0,4}$/.test(port)) {
    return 'port';
  }
  return scheme === 'http' && !isHere(host) ? 'http' : null;
}

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const name = new RegExp(`^${label}(?:\\.${label})*$`);
const four = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.|$)){4}$/;

// Browsers would read what ends in a number as an IPv4 address in a form of its own.
function isName(host: string): boolean {
  return four.test(host) || (name.test(host) && !/(?:^|\.)(?:\d+|0x[^.]*)$/.test(host));
}

const isHere = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || (four.test(host) && host.startsWith('127.'));

/** A path without segments of dots, and whose escapes can be read. */
function isPlain(path: string): boolean {
  try {
    return !decodeURIComponent(path)
      .split('/')
      .some((segment) => segment === '.' || segment === '..');
  } catch {
    return false;
  }
}
