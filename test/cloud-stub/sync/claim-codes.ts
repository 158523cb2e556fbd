import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claim } from '../../../agent/enrol/index.ts';
import type { CloudSync } from '../../../cloud-stub/sync/index.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { makeClaimCode, readClaimCode } from '../../../lib/contract/claim-code.ts';
import { ENROL_PORT, type Enrolment, enrolment as enrolmentSchema } from '../../../lib/contract/enrolment.ts';
import { testAuthority } from '../../support/tls-authority.ts';
import { connectGateway } from './gateway-client.ts';

/** A running service to enrol at. */
export interface ClaimPlace {
  readonly sync: CloudSync;
  readonly folder: string;
  readonly host: string;
  readonly gateway: GatewayId;
}

/** Enrols the box of a name, as its technician would; throws with the code of the refusal. */
export async function claimWith(
  { folder, host }: Pick<ClaimPlace, 'folder' | 'host'>,
  code: string,
  box: string,
): Promise<Enrolment> {
  const service = { host, port: ENROL_PORT };
  const claimed = await claim({ folder: join(folder, box), service, code, serialNumber: box });
  if (!claimed.ok) throw new Error(claimed.error.code);
  return claimed.value;
}

/** What claim codes promise, tried on a service that somebody else has started. */
export function claimCodes(place: () => ClaimPlace): void {
  describe('a claim code', () => {
    const codeOf = async (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'claimed',
        (error: Error) => error.message,
      );
    const ticketOf = async (): Promise<string> =>
      (await place().sync.claimTicket(place().gateway))?.code ?? '';

    it('is good for one box, which may ask again, and for no other one', async () => {
      const code = await ticketOf();
      const pending = join(place().folder, 'first-box', 'device-key.pem');
      const first = await claimWith(place(), code, 'first-box');
      // The answer was lost, so to say: the key is still there, and the same box asks once more.
      writeFileSync(pending, first.device.privateKeyPem);
      const again = await claimWith(place(), code, 'first-box');
      expect(again.device.privateKeyPem).toBe(first.device.privateKeyPem);
      expect(await codeOf(claimWith(place(), code, 'second-box'))).toBe('claim.used');
      for (const each of [first, again]) await (await connectGateway(each)).end();
      const kept = join(place().folder, 'first-box', 'enrolment.json');
      expect(statSync(kept).mode & 0o777).toBe(0o600);
      expect(statSync(join(place().folder, 'first-box')).mode & 0o777).toBe(0o700);
      expect(enrolmentSchema.parse(JSON.parse(readFileSync(kept, 'utf8')))).toEqual(again);
      expect(existsSync(pending)).toBe(false);
    });

    it('ends with the next one, and is not told to a stranger', async () => {
      const [early, late] = [await ticketOf(), await ticketOf()];
      expect(await codeOf(claimWith(place(), early, 'third-box'))).toBe('claim.unknown');
      expect(await codeOf(claimWith(place(), 'K7Q2M-9XW4D-83PTN-0V5AR', 'third-box'))).toBe('claim.code');
      const heard: string[] = [];
      const impostor = createServer(testAuthority().issue('cloud.engawa.example'), (request, response) => {
        heard.push(request.url ?? '');
        response.end('{}');
      });
      await new Promise<void>((resolve) => impostor.listen(8_884, '127.56.0.31', resolve));
      const service = { host: '127.56.0.31', port: 8_884 };
      const wrong = await claim({
        folder: join(place().folder, 'third-box'),
        service,
        code: late,
        serialNumber: 'x',
      });
      expect(wrong).toMatchObject({ error: { code: 'claim.notTrusted' } });
      expect(heard).toEqual([]);
      impostor.close();
      await claimWith(place(), late, 'third-box');
    });

    it('cannot be guessed: who errs too often waits', async () => {
      for (let tries = 0; tries < 6; tries++) {
        const guess = makeClaimCode(systemRandom.bytes(6), readClaimCode(await ticketOf())?.authority ?? '');
        const said = await codeOf(claimWith(place(), guess, 'guesser'));
        if (said === 'claim.tooFast') return;
        expect(said).toBe('claim.unknown');
      }
      throw new Error('nobody said wait');
    });
  });
}
