import { expect, it } from 'vitest';
import { absenceOf } from '../../../agent/calls/absence.ts';

function of(fromUser: string, headers: Readonly<Record<string, string>> = {}): string | null {
  return absenceOf({ fromUser, header: (name) => (headers[name] === undefined ? [] : [headers[name]]) });
}

it('a number that is there and not withheld has no reason to be absent', () => {
  expect(of('0312345678')).toBeNull();
  expect(of('+81312345678', { Privacy: 'none' })).toBeNull();
});

it('what the caller withholds is P, however the network says so', () => {
  expect(of('anonymous')).toBe('P');
  expect(of('Anonymous', { Privacy: 'id' })).toBe('P');
  expect(of('0312345678', { Privacy: 'id;critical' })).toBe('P');
  expect(of('0312345678', { Privacy: 'header; user' })).toBe('P');
});

it('a public phone is C, with or without its number', () => {
  const asserted = { 'P-Asserted-Identity': '<tel:+81312345678;cpc=payphone>' };
  expect(of('anonymous', { ...asserted, Privacy: 'id' })).toBe('C');
  expect(of('0312345678', { From: '<sip:0312345678@x;cpc=payphone;user=phone>;tag=1' })).toBe('C');
  expect(of('0312345678', { From: '<sip:0312345678@x;cpc=payphone-like>' })).toBeNull();
});

it('no number at all is O', () => {
  expect(of('unavailable')).toBe('O');
  expect(of('')).toBe('O');
  expect(of('taro')).toBe('O');
});
