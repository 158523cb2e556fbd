import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agree,
  answerFor,
  FAX_BIT_RATES,
  OUR_T38,
  parseT38Parameters,
  type T38Parameters,
  writeT38Parameters,
} from '../../../../lib/voice/t38/t38-parameters.ts';

type Attributes = readonly (readonly [string, string])[];

const parse = (...attributes: Attributes) => parseT38Parameters(attributes);

const parameters: fc.Arbitrary<T38Parameters> = fc.record({
  version: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
  maxBitRate: fc.constantFrom(...FAX_BIT_RATES),
  rateManagement: fc.constantFrom('transferredTCF' as const, 'localTCF' as const),
  maxBufferBytes: fc.option(fc.integer({ min: 0, max: 60_000 })),
  maxDatagramBytes: fc.integer({ min: 72, max: 1_500 }),
  errorCorrection: fc.constantFrom('redundancy' as const, 'fec' as const, 'none' as const),
  fillBitRemoval: fc.boolean(),
  transcodingMmr: fc.boolean(),
  transcodingJbig: fc.boolean(),
});

describe('T.38 parameters of a session description', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(parameters, (one) => {
        expect(parseT38Parameters(writeT38Parameters(one))).toEqual(one);
      }),
    );
  });

  it('are read in any case and under the names of the field', () => {
    const aliases = parse(
      ['t38faxversion', '2'],
      ['T38FaxMaxRate', '9600'],
      ['t38FAXrateMANAGEMENT', 'LOCALTCF'],
      ['T38MaxDatagram', '612'],
      ['T38FaxUDPEC', 'T38udpFEC'],
    );
    expect(aliases).toMatchObject({
      version: 2,
      maxBitRate: 9_600,
      rateManagement: 'localTCF',
      maxDatagramBytes: 612,
      errorCorrection: 'fec',
    });
  });

  it.each([
    ['', true],
    ['1', true],
    ['0', false],
    [undefined, false],
  ])('a flag that says %j is %s', (value, on) => {
    const attributes: Attributes = value === undefined ? [] : [['T38FaxFillBitRemoval', value]];
    expect(parseT38Parameters(attributes).fillBitRemoval).toBe(on);
  });

  it.each([
    [undefined, 400],
    ['', 400],
    ['48', 400],
    ['71', 400],
    ['72', 72],
    ['1400', 1_400],
    ['9000', 1_500],
    ['65536', 400],
    ['-5', 400],
    ['4 00', 400],
  ])('a datagram size of %j is read as %i', (value, bytes) => {
    const attributes: Attributes = value === undefined ? [] : [['T38FaxMaxDatagram', value]];
    expect(parseT38Parameters(attributes).maxDatagramBytes).toBe(bytes);
  });

  it('have the defaults of the field where nothing is said', () => {
    expect(parse()).toEqual({ ...OUR_T38, maxBufferBytes: null });
    expect(parse(['T38MaxBitRate', '33600'], ['T38FaxVersion', '4'])).toMatchObject({
      maxBitRate: 14_400,
      version: 3,
    });
    expect(parse(['T38MaxBitRate', '300'])).toMatchObject({ maxBitRate: 14_400 });
  });

  it('read what gateways and providers of the field send', () => {
    const asterisk = parse(
      ['T38FaxVersion', '0'],
      ['T38MaxBitRate', '14400'],
      ['T38FaxRateManagement', 'transferredTCF'],
      ['T38FaxMaxDatagram', '1400'],
      ['T38FaxUdpEC', 't38UDPRedundancy'],
    );
    expect(asterisk).toEqual({ ...OUR_T38, maxBufferBytes: null, maxDatagramBytes: 1_400 });
    const bareFlag = parse(
      ['T38FaxVersion', '0'],
      ['T38MaxBitRate', '14400'],
      ['T38FaxFillBitRemoval', ''],
      ['T38FaxMaxBuffer', '2000'],
      ['T38FaxMaxDatagram', '400'],
    );
    expect(bareFlag).toMatchObject({ fillBitRemoval: true, maxBufferBytes: 2_000, maxDatagramBytes: 400 });
  });

  it('never fail, whatever stands in them', () => {
    const name = fc.constantFrom(
      'T38FaxVersion',
      'T38MaxBitRate',
      'T38FaxMaxDatagram',
      'T38FaxUdpEC',
      'T38FaxFillBitRemoval',
    );
    const value = fc.oneof(fc.string({ maxLength: 40 }), fc.integer().map(String));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (attributes) => {
        const read = parseT38Parameters(attributes);
        expect(read.maxDatagramBytes).toBeGreaterThanOrEqual(72);
        expect(read.maxDatagramBytes).toBeLessThanOrEqual(1_500);
        expect(FAX_BIT_RATES).toContain(read.maxBitRate);
      }),
    );
  });
});

describe('what is agreed', () => {
  it('never exceeds either side, and is the same seen from both', () => {
    fc.assert(
      fc.property(parameters, parameters, (offer, ours) => {
        const answer = answerFor(offer, ours);
        const answering = agree(answer, offer);
        const offering = agree(offer, answer);
        expect(answering.version).toBe(Math.min(offer.version, ours.version));
        expect(answering.maxBitRate).toBe(Math.min(offer.maxBitRate, ours.maxBitRate));
        expect([
          offering.version,
          offering.maxBitRate,
          offering.rateManagement,
          offering.errorCorrection,
        ]).toEqual([
          answering.version,
          answering.maxBitRate,
          answering.rateManagement,
          answering.errorCorrection,
        ]);
        expect(answering.maxDatagramBytes).toBe(offer.maxDatagramBytes);
        expect(offering.maxDatagramBytes).toBe(ours.maxDatagramBytes);
        for (const option of ['fillBitRemoval', 'transcodingMmr', 'transcodingJbig'] as const)
          if (answer[option]) expect(offer[option]).toBe(true);
      }),
    );
  });

  it('sends parity to a peer that offers it, and redundancy to one that answers an offer of parity so', () => {
    const fec: T38Parameters = { ...OUR_T38, errorCorrection: 'fec' };
    expect(answerFor(fec, OUR_T38).errorCorrection).toBe('fec');
    expect(agree(answerFor(fec, OUR_T38), fec).errorCorrection).toBe('fec');
    expect(agree(fec, OUR_T38).errorCorrection).toBe('redundancy');
  });
});
