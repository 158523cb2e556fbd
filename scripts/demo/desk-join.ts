import type { DhcpAnswer, PhoneAnswer } from '../../agent/local-api/index.ts';
import { packageLease } from '../lab/package-lease.ts';
import { requestJson } from '../launch/http-over-unix.ts';
import { engawa, labelOf, OLDER_OFFICE, phonesOf } from '../launch/technician.ts';
import type { Desk, Handset } from './desk.ts';
import { type Finding, type Storyteller, until } from './story.ts';

/** The box looks for other DHCP servers for 8 s before it gives an address. */
const ADDRESS_LIMIT_MS = 45_000;
const REFUSED_LIMIT_MS = 30_000;
const REGISTER_LIMIT_MS = 60_000;
const SETTLE_LIMIT_MS = 40_000;
const VISITOR = 'visitor';

/** Two desk phones are plugged in, approved, and work. True when they do. */
export async function joinOffice(desk: Desk, teller: Storyteller): Promise<boolean> {
  await teller.step('the desk phones and a foreign DHCP client get addresses of the LAN from the box', () =>
    addresses(desk),
  );
  const known = await knownPhones(desk);
  await (known.size < desk.handsets.length
    ? teller.step('desk phones that nobody has approved are given nothing', () => refused(desk, known))
    : teller.step('the desk phones that were approved in an earlier run come back by themselves', () =>
        cameBack(desk),
      ));
  await teller.step('the technician approves them, switches them off and on, and they register', () =>
    approveAndRegister(desk),
  );
  return teller.step('told to fetch again, they close their web pages and take a password of their own', () =>
    settled(desk),
  );
}

async function addresses(desk: Desk): Promise<Finding> {
  const { lan } = desk;
  const box = `${lan.net}.1`;
  const leased = await Promise.all(
    desk.handsets.map(async ({ phone, kind }) => {
      await phone.wait('addressed', ADDRESS_LIMIT_MS);
      const { lease, address } = await phone.state();
      return { who: kind.model, from: lease?.server ?? 'nobody', address: address?.split('/')[0] ?? 'none' };
    }),
  );
  // After them: it takes the answers to others for its own.
  const seen = [...leased, await foreignClient(desk)];
  const given = new Set(seen.map(({ address }) => address));
  const ok =
    given.size === seen.length &&
    seen.every(({ from, address }) => from === box && address.startsWith(`${lan.net}.1`));
  return { ok, detail: seen.map(({ who, from, address }) => `${who} ${address} from ${from}`).join(', ') };
}

/** The `dhcp` package's client, in a namespace of its own. */
async function foreignClient(
  desk: Desk,
): Promise<{ readonly who: string; readonly from: string; readonly address: string }> {
  const { lan } = desk.lan;
  lan.join(VISITOR);
  // It has no timers: who asks while the box still looks around hears nothing, and never asks again.
  await until(ADDRESS_LIMIT_MS, async () => {
    const { dhcp } = (await requestJson(desk.layout.sockets.agent, 'GET', '/v1/dhcp')) as DhcpAnswer;
    return dhcp?.standing === 'serving' ? true : undefined;
  });
  const lease = await packageLease(lan, VISITOR);
  return { who: 'dhcp package', from: lease?.server ?? 'nobody', address: lease?.address ?? 'none' };
}

/** Those that the box has approved before: a state folder is used more than once. */
async function knownPhones({ layout }: Desk): Promise<ReadonlySet<string>> {
  const approved = (await phonesOf(layout)).filter(({ state }) =>
    ['approved', 'registered', 'stale'].includes(state),
  );
  return new Set(approved.map(({ mac }) => mac));
}

async function cameBack({ handsets }: Desk): Promise<Finding> {
  const seen = await Promise.all(
    handsets.map(async ({ phone, kind, name }): Promise<Finding> => {
      await phone.wait('registered', REGISTER_LIMIT_MS);
      const ok = (await phone.state()).accounts.some(
        ({ registered, user }) => registered && user === kind.extension,
      );
      return { ok, detail: `${name} is registered as ${kind.extension} with the password that it has kept` };
    }),
  );
  return { ok: seen.every(({ ok }) => ok), detail: seen.map(({ detail }) => detail).join('; ') };
}

async function refused({ layout, handsets }: Desk, known: ReadonlySet<string>): Promise<Finding> {
  const strangers = handsets.filter(({ kind }) => !known.has(kind.mac));
  const seen = await Promise.all(
    strangers.map(async ({ phone, kind, name }): Promise<Finding> => {
      const asked = await until(REFUSED_LIMIT_MS, async () => {
        const path = `/v1/phones/${kind.mac}`;
        const { provisioning } = (await requestJson(layout.sockets.agent, 'GET', path)) as PhoneAnswer;
        return provisioning.find(({ rule }) => rule === 'fetch.notApproved');
      });
      const { accounts, fetches } = await phone.state();
      const ok = asked !== undefined && fetches.every(({ taken }) => !taken) && accounts.length === 0;
      return { ok, detail: `${name}: ${asked?.say ?? 'asked for no file that holds a password'}` };
    }),
  );
  const standing = (await phonesOf(layout)).some(({ state }) => state === 'unassigned');
  const older = standing ? ` ${OLDER_OFFICE}` : '';
  return { ok: seen.every(({ ok }) => ok), detail: seen.map(({ detail }) => detail).join(' ') + older };
}

async function approveAndRegister({ layout, handsets }: Desk): Promise<Finding> {
  const startedMs = performance.now();
  const approvals = await Promise.all(
    handsets.map(({ kind }) => engawa(layout, 'approve', labelOf(kind.mac))),
  );
  const failed = approvals.find(({ code }) => code !== 0);
  if (failed !== undefined) return { ok: false, detail: failed.output.trim() };
  // A phone that was given nothing asks again when it is switched off and on.
  for (const { phone } of handsets) await phone.ask('reboot', {});
  const seen = await Promise.all(handsets.map((handset) => registered(handset, startedMs)));
  return { ok: seen.every(({ ok }) => ok), detail: seen.map(({ detail }) => detail).join('; ') };
}

async function registered({ phone, kind, name }: Handset, startedMs: number): Promise<Finding> {
  await phone.wait('registered', REGISTER_LIMIT_MS);
  const tookS = ((performance.now() - startedMs) / 1_000).toFixed(1);
  const { accounts, fetches, source } = await phone.state();
  const account = accounts.find((each) => each.registered);
  const taken = fetches.filter((fetch) => fetch.taken).map(({ url }) => url.split('/').at(-1));
  return {
    ok: account?.user === kind.extension && taken.length > 0,
    detail: `${name} (${kind.model}) after ${tookS} s with ${taken.join(' ')}, found by ${source}`,
  };
}

async function settled({ handsets }: Desk): Promise<Finding> {
  const seen = await Promise.all(
    handsets.map(async ({ phone, name }): Promise<Finding> => {
      const settings = await until(SETTLE_LIMIT_MS, async () => {
        const state = await phone.state();
        const closed = !state.settings.webOpen && state.settings.adminPasswordChanged;
        return closed && state.accounts.some((each) => each.registered) ? state.settings : undefined;
      });
      const unknown = settings?.unknownKeys ?? [];
      const ok = settings !== undefined && unknown.length === 0;
      if (settings === undefined) return { ok, detail: `${name} has its web page open still` };
      return { ok, detail: `${name}: closed, ${unknown.length} keys that it does not know` };
    }),
  );
  return { ok: seen.every(({ ok }) => ok), detail: seen.map(({ detail }) => detail).join('; ') };
}
