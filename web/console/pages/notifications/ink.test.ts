import { expect, it } from 'vitest';
import { hexOf, inkOf } from './ink';

// What the server computes for these.
it.each([
  ['78C06E', '487342', '78C06E'],
  ['F65E5E', 'B94747', 'F65E5E'],
  ['FF9D46', '995E2A', 'FF9D46'],
  ['858E99', '646B73', '8B949E'],
  ['1677FF', '1365D9', '4592FF'],
  ['FFFF00', '737300', 'FFFF00'],
])('%s is written in the shades that a card has', (hex, light, dark) => {
  expect(inkOf(hex)).toEqual({ light, dark });
});

it('of a grey is the theme’s text', () => {
  expect(inkOf('767A7D')).toEqual({ light: '171A1D', dark: 'ECEDEE' });
});

it.each([
  ['#1677ff', '1677FF'],
  [' 1677FF ', '1677FF'],
  ['#167', null],
  ['green', null],
  ['', null],
])('%s is the colour %s', (text, hex) => {
  expect(hexOf(text)).toBe(hex);
});
