import { describe, expect, it } from 'vitest';
import { deskAndApp, switches } from './offices.ts';
import { callIn, callOut, MAIN } from './world.ts';

describe('classes of numbers that are not put through', () => {
  it('[S3-004] numbers of machines: neither dialled nor forwarded to', () => {
    expect(callOut('02012345678').plan).toMatchObject({ rule: 'out.blocked.m2m', status: 403 });
    const office = deskAndApp({ answer: switches({ forwarding: true }), forwardTo: '02012345678' });
    expect(callIn(MAIN, { contracts: [office] }).plan).toMatchObject({ rule: 'in.forwardTarget' });
  });

  it('[S3-007] [A-10] premium and message numbers: neither dialled nor forwarded to', () => {
    expect(callOut('0990123456').plan).toMatchObject({ rule: 'out.blocked.premium', status: 403 });
    const office = deskAndApp({ answer: switches({ forwarding: true }), forwardTo: '0990123456' });
    expect(callIn(MAIN, { contracts: [office] }).plan).toMatchObject({ rule: 'in.forwardTarget' });
  });
});
