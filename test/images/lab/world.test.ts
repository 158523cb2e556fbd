import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box } from '../../../images/lab/box.ts';
import { boxStatus } from '../../../images/lab/claim.ts';
import { pathsOf } from '../../../images/lab/disk.ts';
import type { Lab } from '../../../images/lab/lab.ts';
import { LabError } from '../../../images/lab/lab-error.ts';
import { chosen, inOrder } from '../../../images/lab/load-stories.ts';
import { line, type Played, type Playing, play, report } from '../../../images/lab/play.ts';
import { readProbe } from '../../../images/lab/probe.ts';
import { program } from '../../../images/lab/program.ts';
import { routerConf } from '../../../images/lab/router-conf.ts';
import type { Story } from '../../../images/lab/story.ts';
import { supportWords } from '../../../images/lab/support-token.ts';
import { timeAnswer } from '../../../images/lab/time-answer.ts';
import { machineCommand } from '../../../images/run/machine.ts';

const PLUGS = {
  ...{
    console: '/s/console',
    root: '/s/root',
    board: '/s/board',
    qmp: '/s/qmp',
    pins: '/s/pins',
    gdb: '/s/gdb',
  },
  ...{ log: '/s/log', watchdog: true, ports: [{ tap: 'box-lan', mac: '52:54:00:65:6e:67' }] },
};
const FILES = { disk: '/d/disk.img', deviceTree: '/d/box.dtb' };

describe("the customer's router", () => {
  it('gives the box its address, names and the time, on the LAN alone for a box with one port', () => {
    const conf = routerConf({ leases: '/x/leases', wan: false });
    expect(conf).toContain('dhcp-host=52:54:00:65:6e:67,192.168.88.100');
    expect(conf).toContain('address=/cloud.engawa.example/203.0.113.10');
    expect(conf).toContain('dhcp-option=tag:lan0,option:ntp-server,192.168.88.1');
    expect(conf).not.toContain('wan0');
  });

  it('has a second segment for a second port', () => {
    const conf = routerConf({ leases: '/x/leases', wan: true });
    expect(conf).toContain('interface=wan0');
    expect(conf).toContain('dhcp-host=52:54:00:65:6e:68,198.51.100.100');
  });
});

describe('the time that the router tells', () => {
  it('is an answer of SNTP to the question that was asked', () => {
    const request = Buffer.alloc(48);
    request[0] = 0x23;
    request.writeBigUInt64BE(0xe9_00_00_00_12_34_56_78n, 40);
    const answer = timeAnswer(request, 1_795_315_200_500);
    expect(answer?.[0]).toBe(0x24);
    expect(answer?.subarray(24, 32)).toEqual(request.subarray(40, 48));
    expect(answer?.readUInt32BE(40)).toBe(1_795_315_200 + 2_208_988_800);
    expect(answer?.readUInt32BE(44)).toBe(2 ** 31);
  });

  it('is told to nobody who asks otherwise', () => {
    expect(timeAnswer(new Uint8Array(0), 0)).toBeUndefined();
    expect(timeAnswer(Buffer.alloc(48, 0x24), 0)).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(), (bytes, ms) => void timeAnswer(bytes, ms)),
    );
  });
});

describe('the command of the emulated box', () => {
  const words = (more: object) => machineCommand(FILES, { ...PLUGS, ...more });

  it('stands still until it is told to go, and waits for nobody at its sockets', () => {
    expect(words({})).toContain('-S');
    expect(
      words({})
        .filter((word) => word.startsWith('socket,'))
        .every((word) => word.includes('wait=off')),
    ).toBe(true);
  });

  it('has as many network ports, in that order, as it was given', () => {
    const cards = words({ ports: [...PLUGS.ports, { tap: 'box-wan', mac: '52:54:00:65:6e:68' }] }).filter(
      (word) => word.startsWith('virtio-net-pci'),
    );
    expect(cards.map((card) => /addr=(\w+)/.exec(card)?.[1])).toEqual(['0x3', '0x4']);
  });

  it('has a watchdog and a right clock unless it is told otherwise', () => {
    expect(words({}).some((word) => word.startsWith('i6300esb'))).toBe(true);
    expect(words({ watchdog: false }).some((word) => word.startsWith('i6300esb'))).toBe(false);
    expect(words({})).toContain('base=utc');
    expect(words({ rtc: '1970-01-01T00:00:00' })).toContain('base=1970-01-01T00:00:00');
  });
});

describe('stories', () => {
  const story = (name: string, order?: number): Story => ({
    ...{ name, about: '', run: async () => undefined },
    ...(order === undefined ? {} : { order }),
  });
  const all = inOrder([story('b'), story('z', 1), story('a'), story('y', 90)]);

  it('are played in their order, then by name', () => {
    expect(all.map(({ name }) => name)).toEqual(['z', 'a', 'b', 'y']);
  });

  it('are all played, or those that were asked for', () => {
    expect(chosen(all, [])).toHaveLength(4);
    expect(chosen(all, ['b', 'y']).map(({ name }) => name)).toEqual(['b', 'y']);
    expect(() => chosen(all, ['q'])).toThrow('no story is called q. There are: z, a, b, y');
  });

  it('end in a table, one JSON document, and the count as the last line', () => {
    const played = [
      { name: 'call', ok: true, tookMs: 61_200, figures: { setupMs: 812 } },
      { name: 'crash', ok: false, tookMs: 1_000, why: 'no dial tone', figures: {} },
    ];
    expect(line(played[0] as (typeof played)[0])).toBe('OK   call                     61 s  setupMs 812');
    const lines = report(played, { buildS: 48 }).trimEnd().split('\n');
    expect(lines.at(-1)).toBe('1 passed, 1 failed');
    expect(JSON.parse(lines.at(-2) ?? '')).toMatchObject({ v: 1, figures: { buildS: 48 } });
    expect(lines[1]).toContain('no dial tone');
    expect(report(played, {}, ['factory', 'idle'])).toContain('no time was left for factory, idle');
  });
});

describe('the playing of stories', () => {
  const lab = {
    lastWords: async () => 'out of memory',
    off: async () => void asked.push('off'),
  } as unknown as Lab;
  const asked: string[] = [];
  /** A story that fails so many times at first. */
  const failing = (name: string, times: number): Story => {
    let left = times;
    return {
      name,
      about: name,
      run: async () => {
        asked.push(name);
        if (left-- > 0) throw new LabError(`${name} did not happen`);
        return { setupMs: 1 };
      },
    };
  };
  const how = (beginUntilMs = Number.POSITIVE_INFINITY): Playing => ({
    ...{ say: () => undefined, signal: new AbortController().signal, beginUntilMs },
  });

  it('gives one that fails a second try, and says what the first was', async () => {
    const [one, two] = await play([failing('one', 1), failing('two', 2)], lab, how());
    expect(one).toMatchObject({ ok: true, atFirst: 'one did not happen' });
    expect(line(one as Played)).toContain('at the second try; at the first: one did not happen');
    expect(two).toMatchObject({ ok: false, why: 'two did not happen' });
  });

  it('gives up second tries where more than two fail', async () => {
    asked.length = 0;
    await play([failing('a', 9), failing('b', 9), failing('c', 9)], lab, how());
    expect(asked.filter((name) => name !== 'off')).toEqual(['a', 'a', 'b', 'b', 'c']);
  });

  it('asks the box for its last words before it cuts its power', async () => {
    asked.length = 0;
    const say = (words: string): void => void asked.push(words.split('\n').at(-1) ?? '');
    await play([failing('one', 1)], lab, { ...how(), say });
    expect(asked.slice(1, 5)).toEqual([
      'one',
      expect.stringMatching(/^FAIL one .* one did not happen$/),
      'out of memory',
      'off',
    ]);
  });

  it('begins none after its time', async () => {
    asked.length = 0;
    expect(await play([failing('a', 0)], lab, how(performance.now() - 1))).toEqual([]);
    expect(asked).toEqual([]);
  });
});

describe('work for later stories', () => {
  const lab = { off: async () => undefined } as unknown as Lab;
  const how: Playing = {
    ...{ say: () => undefined, signal: new AbortController().signal },
    beginUntilMs: Number.POSITIVE_INFINITY,
  };

  it('is done while a story waits, one after the other, and is over before the next begins', async () => {
    const seen: string[] = [];
    const step = (name: string) => async () => {
      seen.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`${name} ends`);
    };
    const silent: Story = {
      name: 'silent',
      about: '',
      run: async () => void seen.push('silent') as undefined,
    };
    const waiting: Story = { ...silent, name: 'waiting', waits: true };
    const failing = { ahead: () => Promise.reject(new LabError('no room')) };
    await play(
      [
        { ...silent, name: 'before', ahead: step('before') },
        waiting,
        { ...silent, ...failing },
        { ...silent, ahead: step('one') },
        { ...silent, ahead: step('two') },
      ],
      lab,
      how,
    );
    expect(seen).toEqual([
      ...['silent', 'silent', 'one begins', 'one ends', 'two begins', 'two ends'],
      ...['silent', 'silent', 'silent'],
    ]);
  });
});

describe('what a box says of itself', () => {
  const saying = (output: string): Box =>
    ({ root: { run: async () => ({ status: 0, output }) } }) as unknown as Box;

  it('is no status while its agent starts and answers with an error, or with nothing', async () => {
    expect(
      await boxStatus(saying('{"v":1,"error":{"code":"agent.away","say":"The agent does not run."}}')),
    ).toBeUndefined();
    expect(await boxStatus(saying(''))).toBeUndefined();
    expect(await boxStatus(saying('{"v":1,"lines":[],"calls":{"now":0}}'))).toMatchObject({
      calls: { now: 0 },
    });
  });
});

describe('a program beside the box', () => {
  it('gives what it printed, and rejects with its last words', async () => {
    expect(await program(['sh', '-c', 'echo "$WORD"; echo unheard >&2'], { env: { WORD: 'out' } })).toBe(
      'out\n',
    );
    await expect(program(['sh', '-c', 'echo "no room" >&2; exit 3'])).rejects.toThrow(
      /ended with 3: no room/,
    );
    await expect(program(['/nowhere/program'])).rejects.toThrow(/nowhere/);
  });
});

describe('small things', () => {
  it('a support token names one box and an end', () => {
    expect(supportWords('EV-000001', new Date(Date.UTC(2027, 0, 2, 3, 4, 5)))).toBe(
      'root-console EV-000001 2027-01-02T03:04:05Z\n',
    );
  });

  it('folders on the way of a file are made one by one', () => {
    expect(pathsOf('/engawa/agent')).toEqual(['/engawa', '/engawa/agent']);
    expect(pathsOf('/')).toEqual([]);
  });
});

describe('knocks on ports', () => {
  it('are read from what nmap tells programs', () => {
    const said =
      'Host: 192.168.88.100 ()\tPorts: 5060/open/tcp//sip///, 8080/closed/tcp//http-proxy///, 22/filtered/tcp//ssh///, 67/open|filtered/udp//dhcps///';
    expect(readProbe(said)).toEqual({ open: ['tcp/5060'], closed: ['tcp/8080'] });
  });

  it('that were answered by many closed ports do not pass as silence', () => {
    expect(readProbe('Host: 10.0.0.1 ()\tPorts: \tIgnored State: closed (29)').closed).toEqual(['others']);
    expect(readProbe('Host: 10.0.0.1 ()\tPorts: \tIgnored State: filtered (29)')).toEqual({
      open: [],
      closed: [],
    });
  });
});
