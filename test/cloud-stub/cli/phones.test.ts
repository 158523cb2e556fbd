import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../../../cloud-stub/cli/main.ts';
import { commandsText, lansText, phonesText } from '../../../cloud-stub/cli/phone-text.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { lanReportOf, phoneFactOf } from '../../support/lan-reports.ts';

const line = {
  ...{ gateway: 'gw-000001', device: 'desk-1', mac: 'c074ad000001', type: 'GRP2612' },
  ...{ id: 'id-000001-4', extension: '21', label: '店頭', keys: 3 },
};

describe('the phones of a contract as text', () => {
  it('are one line each, with the last fetch', () => {
    expect(phonesText({ phones: [{ ...line, fact: phoneFactOf() }], others: [] })).toBe(
      'OK    21     c0:74:ad:00:00:01  GRP2612      id-000001-4  gw-000001  registered, firmware 1.0.13.9  店頭\n' +
        '        last fetch 2026-11-21 10:00:00 JST  cfgc074ad000001.xml  given, abababababab\n',
    );
  });

  it('say why one was refused, what it says it is, and until when its window is open', () => {
    const refused = { rule: 'fetch.notApproved', say: 'Nobody has approved it.' };
    const fact = phoneFactOf({
      ...{ state: 'approved', registered: false, model: 'GRP2614', firmware: null },
      windowUntil: Date.UTC(2026, 10, 21, 1, 5),
      lastFetch: { file: 'cfg.xml', hash: null, at: Date.UTC(2026, 10, 21, 1), refused },
    });
    const text = phonesText({ phones: [{ ...line, fact }], others: [] });
    expect(text).toContain('WARN  21');
    expect(text).toContain(
      'approved, not registered, says it is a GRP2614, window open until 2026-11-21 10:05:00 JST',
    );
    expect(text).toContain('refused: Nobody has approved it. (fetch.notApproved)');
  });

  it('name those of which nothing was heard, and those that nobody ordered', () => {
    const other = { ...phoneFactOf({ mac: '000b82999999', state: 'unassigned' }), gateway: 'gw-000001' };
    const text = phonesText({ phones: [{ ...line, fact: null }], others: [other] });
    expect(text).toContain('--    21     c0:74:ad:00:00:01');
    expect(text).toContain('00:0b:82:99:99:99  gw-000001  unassigned  grandstream GRP2612 192.168.1.21');
    expect(phonesText({ phones: [], others: [] })).toBe('no desk phones\n');
  });
});

it('a LAN as text names other DHCP servers and what is wrong', () => {
  const { dhcp, warnings, at } = lanReportOf();
  const lan = { gateway: 'gw-000001', online: true, reportedAt: at, dhcp, warnings };
  expect(lansText([lan])).toBe(
    'WARN  gw-000001  online  DHCP detect, looking, 0 addresses given\n' +
      '      another DHCP server 192.168.1.1 since 2026-11-21 10:00:00 JST, router 192.168.1.1, leases of 86400 s\n' +
      'WARN  W-LAN-801  since 2026-11-21 10:00:00 JST  Another DHCP server answers: 192.168.1.66.\n',
  );
  expect(lansText([{ ...lan, online: false, dhcp: null, warnings: [] }])).toContain('offline; this is of');
  expect(lansText([])).toBe('no LAN has been reported\n');
});

it('commands as text say what became of each', () => {
  const command = { do: 'approvePhone', mac: 'c074ad000001', minutes: 5 } as const;
  const sent = {
    id: '0',
    gateway: 'gw-000001' as GatewayId,
    command,
    by: 'operator',
    sentAt: Date.UTC(2026, 10, 21, 1),
  };
  const no = { v: 1, id: '0', ok: false, at: 1, code: 'phone.none', say: 'No such phone.' } as const;
  const text = commandsText([
    { ...sent, result: { v: 1, id: '0', ok: true, at: 1 }, answeredAt: 1 },
    { ...sent, result: no, answeredAt: 1 },
    { ...sent, result: null, answeredAt: null },
  ]);
  expect(text.split('\n').map((one) => one.split('by operator  ')[1])).toEqual([
    'done',
    'refused: No such phone.',
    'no answer',
    undefined,
  ]);
});

describe('engawa-cloud', () => {
  const folder = mkdtempSync('/tmp/engawa-cli-');
  const socket = join(folder, 'cloud.sock');
  const asked: { readonly what: string; readonly body: unknown }[] = [];
  let server: Server;
  beforeAll(async () => {
    server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        asked.push({ what: `${request.method} ${request.url}`, body: text === '' ? null : JSON.parse(text) });
        response.end(JSON.stringify({ phones: [{ ...line, fact: null }], others: [] }));
      });
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    asked.length = 0;
  });

  async function run(...argv: readonly string[]) {
    const written = { out: '', err: '' };
    const io = {
      out: (text: string) => {
        written.out += text;
      },
      err: (text: string) => {
        written.err += text;
      },
    };
    return { code: await main(['--api', socket, ...argv], io), ...written };
  }

  it('approves a phone by its address, at the gateway where it stands', async () => {
    const { code, out } = await run('approve', 'c-000001', 'C0:74:AD:00:00:01', '--minutes', '7');
    expect([code, out]).toEqual([
      0,
      'c0:74:ad:00:00:01 may fetch its password for 7 minutes: switch it on now.\n',
    ]);
    const command = { do: 'approvePhone', mac: 'c074ad000001', minutes: 7 };
    expect(asked).toEqual([
      { what: 'GET /contracts/c-000001/phones', body: null },
      { what: 'POST /gateways/gw-000001/commands', body: command },
    ]);
  });

  it('asks nothing of a gateway for a phone that nobody ordered, or for too long', async () => {
    const { code, err } = await run('approve', 'c-000001', '00:0b:82:99:99:99');
    expect([code, asked.length]).toEqual([1, 1]);
    expect(err).toContain('no desk phone 00:0b:82:99:99:99');
    expect((await run('approve', 'c-000001', 'c074ad000001', '--minutes', '60')).code).toBe(2);
    expect((await run('reprovision', 'c-000001', 'c074ad000001')).code).toBe(0);
    expect(asked.at(-1)?.body).toEqual({ do: 'reprovisionPhone', mac: 'c074ad000001' });
  });

  it.each([
    [['watch', '22', '--label', '倉庫'], { does: 'watch', extension: '22', label: '倉庫' }],
    [['park', '2'], { does: 'park', slot: 2 }],
    [['dial', '0355550123', '--label', '仕入先'], { does: 'dial', number: '0355550123', label: '仕入先' }],
    [['line'], { does: 'line' }],
    [['none'], null],
  ])('changes a key: %j', async (words, to) => {
    expect((await run('key', 'c-000001', 'id-000001-4', '2', ...words)).code).toBe(0);
    expect(asked).toMatchObject([
      {
        what: 'POST /contracts/c-000001/orders',
        body: { orders: [{ at: expect.any(String), order: { kind: 'changeKey', key: 2, to } }] },
      },
    ]);
  });

  it.each([[['park', '10']], [['dial', '117']], [['watch']], [['dance']]])(
    'knows no key that would %j',
    async (words) => {
      expect((await run('key', 'c-000001', 'id-000001-4', '2', ...words)).code).toBe(2);
      expect(asked).toEqual([]);
    },
  );
});
