import { afterEach, describe, expect, it } from 'vitest';
import type { LineConfig, SiteConfig } from '../../../lib/contract/site-config.ts';
import { drawTestPage } from '../../../lib/dsp/fax/test-page.ts';
import { FaxOffice } from './fax-office.ts';

const PAGE = [drawTestPage('white', 'standard', 1)];

const withFax = (fax: Partial<LineConfig['fax']>) => (config: SiteConfig) => ({
  ...config,
  lines: config.lines.map((line) => ({ ...line, fax: { ...line.fax, ...fax } })),
});

let office: FaxOffice;
afterEach(() => office.close());

describe('a fax comes in', () => {
  it('our machine answers, we offer T.38, the page is identical, and the log tells of it', async () => {
    office = new FaxOffice();
    await office.callIn(PAGE);
    await office.fax();
    expect(office.phone?.compare(PAGE)).toMatchObject({ identical: true, pages: 1 });
    expect(office.said).toEqual(['reinvite', 'bye']);
    expect(office.faxes).toMatchObject([
      {
        path: 't38Gateway',
        direction: 'received',
        remoteIdent: '0355550160',
        localIdent: '0355550101',
        pages: 1,
        bitRate: 14_400,
        ecm: true,
        result: 'ok',
        from: '0355550160',
        line: 1,
      },
    ]);
    expect(office.ends).toMatchObject([{ end: 'answeredThenCalleeHungUp' }]);
  });

  it('and T.38 is refused: the page arrives as sound, and T.38 is not offered again', async () => {
    office = new FaxOffice();
    office.onReinvite = (_sdp, settled) => settled({ ok: false, status: 488 });
    await office.callIn(PAGE);
    await office.fax();
    expect(office.phone?.compare(PAGE)).toMatchObject({ identical: true, pages: 1 });
    expect(office.said).toEqual(['reinvite', 'bye']);
    expect(office.faxes).toMatchObject([
      { path: 'passthrough', packets: null, result: 'ok', pages: 1, remoteIdent: '0355550160' },
    ]);
    expect(office.faxes[0]?.say).toContain('the far end refused T.38 (SIP 488)');
  });

  it('and the far end answers the offer with audio alone: the page arrives as sound', async () => {
    office = new FaxOffice();
    office.onReinvite = (_sdp, settled) => settled({ ok: true, sdp: office.audio() });
    await office.callIn(PAGE);
    await office.fax();
    expect(office.phone?.compare(PAGE)).toMatchObject({ identical: true, pages: 1 });
    expect(office.said).toEqual(['reinvite', 'bye']);
    expect(office.faxes).toMatchObject([{ path: 'passthrough', result: 'ok' }]);
    expect(office.faxes[0]?.say).toContain('without it');
  });

  it('and the answer is late: sound after 5 s, T.38 when it comes', async () => {
    office = new FaxOffice();
    office.onReinvite = (sdp, settled) => {
      office.clock.after(6_000, 'late answer', () => office.accept(sdp, settled));
    };
    await office.callIn(PAGE);
    await office.fax();
    expect(office.phone?.compare(PAGE)).toMatchObject({ identical: true, pages: 1 });
    expect(office.said).toEqual(['reinvite', 'bye']);
    expect(office.faxes).toMatchObject([{ path: 't38Gateway', result: 'ok' }]);
  });

  it('and both offer at once: after 491 the offer of the far end is taken', async () => {
    office = new FaxOffice();
    office.onReinvite = (_sdp, settled) => {
      settled({ ok: false, status: 491 });
      office.clock.after(50, 'their offer', () => {
        void office.offer(office.image()).then((answer) => office.farT38(String(answer)));
      });
    };
    await office.callIn(PAGE);
    await office.fax();
    expect(office.phone?.compare(PAGE)).toMatchObject({ identical: true, pages: 1 });
    expect(office.said).toEqual(['reinvite', 'bye']);
  });

  it('of a caller that offered both media at the start: audio first, T.38 in the place of the image', async () => {
    office = new FaxOffice();
    await office.openFar();
    const both = `${office.audio()}m=image ${office.farPort} udptl t38\r\n`;
    let offered = '';
    office.onReinvite = (sdp, settled) => {
      offered = sdp;
      void office.farT38(sdp);
      settled({ ok: true, sdp: office.image(['m=audio 0 RTP/AVP 0']) });
    };
    await office.callIn(PAGE, both);
    expect(office.answers[0]).toMatch(/m=audio [1-9].*m=image 0 /s);
    await office.fax();
    expect(offered).toMatch(/m=audio 0 .*m=image [1-9]/s);
    expect(office.phone?.compare(PAGE)).toMatchObject({ identical: true, pages: 1 });
  });
});

describe('two Super G3 machines', () => {
  it('that answers here: ANSam does not reach its caller long enough for CM, and the page comes by T.38 at G3', async () => {
    office = new FaxOffice();
    office.superG3 = true;
    await office.callIn(PAGE);
    await office.fax();
    expect(office.farPhone?.superG3?.saidCm).toBe(false);
    expect(office.phone?.compare(PAGE)).toMatchObject({ identical: true, pages: 1 });
    expect(office.faxes).toMatchObject([{ path: 't38Gateway', result: 'ok', bitRate: 14_400 }]);
  });

  it('that answers here, with T.38 off: nothing is held back, and they begin V.8', async () => {
    office = new FaxOffice({ config: withFax({ t38: false }) });
    office.superG3 = true;
    await office.callIn(PAGE);
    await office.pass(5_000);
    expect(office.farPhone?.superG3?.saidCm).toBe(true);
  });

  it('that answers there: our machine gets through as G3', async () => {
    office = new FaxOffice();
    office.superG3 = true;
    await office.callOut(PAGE);
    await office.fax();
    expect(office.farPhone?.compare(PAGE)).toMatchObject({ identical: true, pages: 1 });
    expect(office.faxes).toMatchObject([{ result: 'ok', direction: 'sent' }]);
  });
});

describe('a call that begins as T.38', () => {
  it.each([
    ['a plain board', false, 't38Gateway'],
    ['a board with its own processor', true, 't38Board'],
  ] as const)('is taken, with CED told as an indicator, by %s', async (_name, t38Board, path) => {
    office = new FaxOffice({ t38Board });
    await office.openFar();
    await office.callIn(PAGE, office.image());
    expect(office.said).toEqual([]);
    expect(office.answers[0]).toMatch(/m=image [1-9]/);
    expect(office.answers[0]).not.toMatch(/m=audio/);
    const opened = office.board.commands.find(({ command }) => command.type === 'faxMode');
    if (path === 't38Board') {
      expect(opened?.command).toMatchObject({ on: true, tones: true });
      return;
    }
    await office.fax();
    expect(office.phone?.compare(PAGE)).toMatchObject({ identical: true, pages: 1 });
    expect(office.said).toEqual(['bye']);
    expect(office.faxes).toMatchObject([{ path, result: 'ok', pages: 1 }]);
  });

  it('is refused with 488 where the line or the trunk has no T.38', async () => {
    const config = (site: SiteConfig) => ({ ...site, trunk: { ...site.trunk, fax: { t38: false } } });
    office = new FaxOffice({ config });
    await office.openFar();
    await office.callIn(PAGE, office.image());
    expect(office.said).toEqual(['reject 488']);
  });
});

describe('what a line is set to', () => {
  it('T.38 off: it is not offered, and the page arrives as sound', async () => {
    office = new FaxOffice({ config: withFax({ t38: false }) });
    await office.callIn(PAGE);
    await office.fax();
    expect(office.said).toEqual(['bye']);
    expect(office.phone?.compare(PAGE).identical).toBe(true);
    expect(office.faxes).toMatchObject([{ path: 'passthrough', result: 'ok', bitRate: 14_400 }]);
  });

  it('V.29 only: 9,600 bit/s is offered, and spoken over T.38', async () => {
    office = new FaxOffice({ config: withFax({ modems: 'v29' }) });
    let offered = '';
    office.onReinvite = (sdp, settled) => {
      offered = sdp;
      office.accept(sdp, settled);
    };
    await office.callIn(PAGE);
    await office.fax();
    expect(offered).toContain('a=T38MaxBitRate:9600\r\n');
    expect(office.phone?.compare(PAGE).identical).toBe(true);
    expect(office.faxes).toMatchObject([{ path: 't38Gateway', result: 'ok', bitRate: 9_600 }]);
  });

  it('V.29 only: 9,600 bit/s is answered to an offer of 14,400', async () => {
    office = new FaxOffice({ config: withFax({ modems: 'v29' }) });
    await office.callOut(PAGE);
    await office.pass(1_500);
    const answer = String(await office.offer(office.image()));
    expect(answer).toContain('a=T38MaxBitRate:9600\r\n');
    await office.farT38(answer);
    await office.fax();
    expect(office.farPhone?.compare(PAGE).identical).toBe(true);
    expect(office.faxes).toMatchObject([{ path: 't38Gateway', result: 'ok', bitRate: 9_600 }]);
  });

  it('parity: it is offered, and with it the page arrives', async () => {
    office = new FaxOffice({ config: withFax({ errorCorrection: 'fec' }) });
    let offered = '';
    office.onReinvite = (sdp, settled) => {
      offered = sdp;
      void office.farT38(sdp);
      settled({ ok: true, sdp: office.image().replace('t38UDPRedundancy', 't38UDPFEC') });
    };
    await office.callIn(PAGE);
    await office.fax();
    expect(offered).toContain('a=T38FaxUdpEC:t38UDPFEC\r\n');
    expect(office.phone?.compare(PAGE).identical).toBe(true);
    expect(office.faxes).toMatchObject([{ path: 't38Gateway', result: 'ok' }]);
  });

  it('no error correction: the page without it', async () => {
    office = new FaxOffice({ config: withFax({ ecm: false }) });
    await office.callIn(PAGE);
    await office.fax();
    expect(office.phone?.compare(PAGE).identical).toBe(true);
    expect(office.faxes).toMatchObject([{ ecm: false, result: 'ok' }]);
  });
});

describe('a fax goes out', () => {
  it('the far end offers T.38, we take it, and give audio back at the end', async () => {
    office = new FaxOffice();
    await office.callOut(PAGE);
    await office.pass(1_500);
    await office.farT38(String(await office.offer(office.image())));
    await office.pass(120_000, () => office.farPhone?.machine.end !== null);
    // As Asterisk does: audio again, then BYE.
    expect(String(await office.offer(office.audio()))).toMatch(/m=audio [1-9]/);
    await office.fax(5_000);
    expect(office.farPhone?.compare(PAGE)).toMatchObject({ identical: true, pages: 1 });
    expect(office.said).toEqual(['bye']);
    expect(office.faxes).toMatchObject([{ direction: 'sent', result: 'ok', path: 't38Gateway' }]);
  });

  it('a refresh of the session in T.38 gets the same description again, and the page goes on', async () => {
    office = new FaxOffice();
    await office.callOut(PAGE);
    await office.pass(1_500);
    const first = String(await office.offer(office.image()));
    await office.farT38(first);
    await office.pass(9_000);
    expect(await office.offer(office.image())).toBe(first);
    await office.fax();
    expect(office.farPhone?.compare(PAGE)).toMatchObject({ identical: true, pages: 1 });
  });

  it('the far end offers nothing: we offer once, soon after its machine spoke', async () => {
    office = new FaxOffice();
    await office.callOut(PAGE);
    await office.fax();
    expect(office.said).toEqual(['reinvite', 'bye']);
    expect(office.farPhone?.compare(PAGE).identical).toBe(true);
  });
});

describe('what goes wrong', () => {
  it('the far end vanishes in the page: the call ends with a record, and the log says why', async () => {
    office = new FaxOffice();
    await office.callIn(PAGE);
    await office.pass(14_000);
    expect(await office.figures()).toMatchObject({ direction: 'received', ended: 'open' });
    office.farGone = true;
    await office.pass(200_000, () => office.faxes.length > 0);
    expect(office.ends).toMatchObject([{ end: 'interrupted' }]);
    expect(office.said.at(-1)).toBe('bye');
    expect(office.faxes).toMatchObject([{ result: 'silent' }]);
    expect(office.faxes[0]?.say).toContain('fell silent');
  });

  it('the media process dies in the page: the log tells what was last heard of it', async () => {
    office = new FaxOffice();
    await office.callIn(PAGE);
    await office.pass(14_000);
    office.shell.mediaLost();
    await office.pass(200);
    await office.loseMedia();
    expect(office.faxes).toMatchObject([
      { result: 'lost', direction: 'received', remoteIdent: '0355550160' },
    ]);
    expect(office.ends).toMatchObject([{ end: 'interrupted' }]);
  });

  it('the agent is restarted in the page: the fax goes on and is logged by the next one', async () => {
    office = new FaxOffice();
    await office.callIn(PAGE);
    await office.pass(12_000);
    office.restartAgent();
    await office.fax();
    expect(office.phone?.compare(PAGE)).toMatchObject({ identical: true, pages: 1 });
    expect(office.faxes).toMatchObject([{ result: 'ok', path: 't38Gateway', pages: 1 }]);
    expect(office.ends).toMatchObject([{ interrupted: false }]);
  });

  it('the machine is put down while the agent is away: the fax is in the log, as lost', async () => {
    office = new FaxOffice();
    await office.callIn(PAGE);
    await office.pass(12_000);
    office.engine.orphan();
    office.board.hook(1, false);
    await office.pass(100);
    office.restartAgent();
    await office.pass(100);
    expect(office.ends).toMatchObject([{ end: 'interrupted', interrupted: true }]);
    expect(office.faxes).toMatchObject([{ result: 'lost', remoteIdent: '0355550160' }]);
  });

  it('the handset is put down in the page: BYE at once', async () => {
    office = new FaxOffice();
    await office.callIn(PAGE);
    await office.pass(12_000);
    await office.hangUp();
    expect(office.said.at(-1)).toBe('bye');
    expect(office.faxes).toMatchObject([{ result: 'cut' }]);
  });
});
