import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkWord, ORIGIN_HEADER } from '../../../cloud-stub/switch/network-word.ts';

function said(headers: Readonly<Record<string, string>>, fromDisplay = '') {
  return networkWord({ fromDisplay, header: (name) => (headers[name] === undefined ? [] : [headers[name]]) });
}

describe('what the network says of a caller', () => {
  it('is kind of line and place, in a header of the trunk [A-32]', () => {
    const example = 'class=mobile;prefecture=%E6%9D%B1%E4%BA%AC%E9%83%BD';
    expect(said({ [ORIGIN_HEADER]: example })).toEqual({ callerClass: 'mobile', prefecture: '東京都' });
    expect(said({ [ORIGIN_HEADER]: ' charge-area = 札幌 ' })).toEqual({ chargeArea: '札幌' });
  });

  it('is that it is a payphone, by category or by the reason for the missing number [S0-051]', () => {
    expect(said({}, 'Coin line/payphone')).toEqual({ callerClass: 'payphone' });
    expect(said({ 'P-Asserted-Identity': '<tel:+81312345678;cpc=payphone>' })).toEqual({
      callerClass: 'payphone',
    });
  });

  it('is nothing most of the time, and what cannot be read is left out', () => {
    expect(said({})).toBeUndefined();
    expect(said({ [ORIGIN_HEADER]: 'class=spaceship;prefecture=%E6%9;;=;x' })).toBeUndefined();
    expect(said({ 'P-Asserted-Identity': '<sip:0312345678@carrier>' })).toBeUndefined();
  });

  it('never throws, whatever is sent', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 600, unit: 'binary' }), (text) => {
        said({ [ORIGIN_HEADER]: text, 'P-Asserted-Identity': text }, text);
      }),
    );
  });
});
