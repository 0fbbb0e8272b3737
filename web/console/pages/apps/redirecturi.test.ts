import { expect, it } from 'vitest';
import { addressFault } from './redirecturi';

it('takes what the server takes', () => {
  for (const address of [
    'https://example.com/callback',
    'https://example.com/',
    'https://a-b.example.com:8443/cb/x%20y',
    'https://192.0.2.7/cb',
    'https://xn--fsq.example.com/cb',
    'http://127.0.0.1:8080/cb',
    'http://[::1]/cb',
    'http://localhost/cb',
  ]) {
    expect([address, addressFault(address)]).toEqual([address, null]);
  }
});

it('says what is wrong with an address', () => {
  for (const [address, fault] of [
    ['example.com', 'scheme'],
    ['HTTPS://example.com/cb', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['ftp://example.com/cb', 'scheme'],
    ['https://example.com', 'path'],
    ['https://example.com//cb', 'path'],
    ['https://example.com/a/../cb', 'path'],
    ['https://example.com/a/%2e%2e/cb', 'path'],
    ['https://example.com/%zz', 'path'],
    ['https://example.com/cb?a=b', 'query'],
    ['https://example.com/cb?', 'query'],
    ['https://example.com/cb#part', 'fragment'],
    ['https://example.com\\@example.org/', 'fragment'],
    ['https://ann@example.com/cb', 'user'],
    ['https://Example.com/cb', 'host'],
    ['https://example.com./cb', 'host'],
    ['https://*.example.com/cb', 'host'],
    ['https://-example.com/cb', 'host'],
    ['https://exam_ple.com/cb', 'host'],
    ['http://127.1/cb', 'host'],
    ['http://0x7f.1/cb', 'host'],
    ['http://2130706433/cb', 'host'],
    ['http://example.com/cb', 'http'],
    ['http://localhost.example.com/cb', 'http'],
    ['https://example.com:/cb', 'port'],
    ['https://example.com:0443/cb', 'port'],
    ['https://example.com:a/cb', 'port'],
    ['https://例子.example.com/cb', 'ascii'],
    ['https://example.com/c b', 'ascii'],
    [`https://example.com/${'a'.repeat(2048)}`, 'long'],
  ] as const) {
    expect([address, addressFault(address)]).toEqual([address, fault]);
  }
});
