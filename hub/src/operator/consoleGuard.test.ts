import { expect, test } from 'vitest';
import { refusalOf, type Coming } from './consoleGuard.ts';

const ORIGINS = ['https://console.call.example'];
const coming = (more: Partial<Coming>): Coming => ({
  method: 'POST',
  host: '127.0.0.1:9641',
  origin: 'http://127.0.0.1:9641',
  fetchSite: 'same-origin',
  contentType: 'application/json',
  ...more,
});
const get = { method: 'GET', origin: undefined, contentType: undefined };

test.each<[string, Partial<Coming>, string | undefined]>([
  ['our page', {}, undefined],
  ['our page through a tunnel', { host: 'localhost:18080', origin: 'http://localhost:18080' }, undefined],
  ['our page by IPv6', { host: '[::1]:9641', origin: 'http://[::1]:9641' }, undefined],
  [
    'our page behind the proxy',
    { host: 'console.call.example', origin: 'https://console.call.example' },
    undefined,
  ],
  ['a look of our page', get, undefined],
  ['an address that was typed', { ...get, fetchSite: 'none' }, undefined],
  ['an old browser', { ...get, fetchSite: undefined }, undefined],
  ['no host', { host: undefined }, 'foreign-host'],
  ['a name that was made to lead here', { ...get, host: 'evil.example:9641' }, 'foreign-host'],
  ['a name that begins like ours', { ...get, host: 'localhost.evil.example' }, 'foreign-host'],
  ['a name that ends like ours', { ...get, host: 'evil.example/@localhost:1' }, 'foreign-host'],
  ['another page that posts', { origin: 'https://evil.example', fetchSite: 'cross-site' }, 'foreign-origin'],
  [
    'another page, told by its origin alone',
    { origin: 'https://evil.example', fetchSite: undefined },
    'foreign-origin',
  ],
  [
    'a page of another port here',
    { origin: 'http://127.0.0.1:8080', fetchSite: 'same-site' },
    'foreign-origin',
  ],
  ['a page without an origin', { origin: 'null' }, 'foreign-origin'],
  ['a program that says nothing', { origin: undefined, fetchSite: undefined }, 'foreign-origin'],
  [
    'the proxy’s name without TLS',
    { host: 'console.call.example', origin: 'http://console.call.example' },
    'foreign-origin',
  ],
  ['the page of the proxy at our own name', { origin: 'https://console.call.example' }, 'foreign-origin'],
  ['another page that looks', { ...get, fetchSite: 'cross-site' }, 'foreign-origin'],
  ['another page that looks, with its origin', { ...get, origin: 'https://evil.example' }, 'foreign-origin'],
  ['a form', { contentType: 'text/plain' }, 'not-json'],
  ['a form with nothing in it', { contentType: undefined }, 'not-json'],
])('%s', (_, more, code) => {
  expect(refusalOf(coming(more), ORIGINS)?.code).toBe(code);
});
