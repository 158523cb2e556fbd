import { BOOT_LIMIT_MS } from '../lab/box.ts';
import { serving } from '../lab/claim.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Standpoint } from '../lab/network.ts';
import { PLACES } from '../lab/places.ts';
import { answersPing, probe } from '../lab/probe.ts';
import type { Story } from '../lab/story.ts';
import { callOut, dialTone, hangUp } from '../lab/talks.ts';

/** What a box has for its LAN: SIP, configuration of phones, DHCP, sound. */
const FOR_THE_LAN = /^(?:tcp\/(?:5060|8080|8443)|udp\/(?:67|5060|16384|20002|32767))$/;

/** What the box says of its address, as far as it is looked at. */
interface BoxAddress {
  readonly address: { readonly state: string; readonly has: string | null };
}

export const story: Story = {
  name: 'filter',
  about:
    'knocks from the LAN, from the internet and at the cable of a second port: nothing answers that has no business there; a fixed address holds at once, and over a start',
  order: 30,
  async run(lab: Lab) {
    const box = await lab.claimed();
    await serving(box, lab.cloud, BOOT_LIMIT_MS);
    const { network } = lab;
    if (!(await answersPing(network, 'laptop', PLACES.lan.box)))
      throw new LabError('the laptop cannot reach the box at all');
    const fromLan = await probe(network, 'laptop', PLACES.lan.box);
    const strange = [...fromLan.open, ...fromLan.closed].filter((port) => !FOR_THE_LAN.test(port));
    if (strange.length > 0) throw new LabError(`on the LAN the box answers at ${strange.join(', ')}`);
    const before = await dropped(lab);
    await silent(lab, 'stranger', PLACES.lan.box);
    const knocks = (await dropped(lab)) - before;
    if (knocks <= 0) throw new LabError('no knock from the internet came as far as the packet filter');
    const fixedMs = await fixAddress(lab);
    const toneMs = await secondPort(lab);
    return {
      addressFixedS: Math.round(fixedMs / 1_000),
      bootToDialToneS: Math.round(toneMs / 1_000),
      openOnLan: fromLan.open.join(' ') || 'none',
      knocksDropped: knocks,
    };
  },
};

/** A technician fixes the address: the box serves the LAN and speaks to the service from there, and no longer from the old one. */
async function fixAddress(lab: Lab): Promise<number> {
  const { box, network } = lab;
  const { router, fixedBox } = PLACES.lan;
  const fromMs = performance.now();
  await box.root.get(`engawa address ${fixedBox}/24 --router ${router} --dns ${router}`, 120_000);
  const tookMs = performance.now() - fromMs;
  await reachedAt(lab, fixedBox);
  if (await answersPing(network, 'laptop', PLACES.lan.box))
    throw new LabError('the box still answers at the address that it was given');
  await serving(box, lab.cloud, BOOT_LIMIT_MS);
  await hangUp(lab, await callOut(lab));
  return tookMs;
}

async function reachedAt(lab: Lab, address: string): Promise<void> {
  const { output } = await lab.box.root.run('engawa address --json', 90_000);
  const { state, has } = (JSON.parse(output) as BoxAddress).address;
  if (state !== 'inForce' || has !== `${address}/24`)
    throw new LabError(`the box says of its address: ${output}`);
  if (!(await answersPing(lab.network, 'laptop', address)))
    throw new LabError(`the laptop cannot reach the box at ${address}`);
}

/**
 * The same box with a second port, which is its way to the world now: that one is deaf to whatever it did not ask for, and calls go out over it. From the power to dial tone
 * at a phone that is lifted all the while.
 */
async function secondPort(lab: Lab): Promise<number> {
  const box = await lab.boot({ disk: 'same', wan: true, noWait: true });
  await dialTone(box, 1, BOOT_LIMIT_MS);
  const toneMs = box.upMs;
  await box.board.hangUp(1);
  await box.up();
  await serving(box, lab.cloud, BOOT_LIMIT_MS);
  await reachedAt(lab, PLACES.lan.fixedBox);
  await silent(lab, 'router', PLACES.wan.box);
  await silent(lab, 'stranger', PLACES.wan.box);
  await hangUp(lab, await callOut(lab));
  lab.sound();
  return toneMs;
}

async function silent(lab: Lab, from: Standpoint, address: string): Promise<void> {
  if (await answersPing(lab.network, from, address)) throw new LabError(`the box answers pings of ${from}`);
  const { open, closed } = await probe(lab.network, from, address);
  const answered = [...open, ...closed];
  if (answered.length > 0) throw new LabError(`the box answers ${from} at ${answered.join(', ')}`);
}

/** Packets that the box's filter has dropped so far. */
async function dropped({ box }: Lab): Promise<number> {
  const said = await box.root.get('nft list counter inet engawa dropped');
  return Number(/packets ([0-9]+)/.exec(said)?.[1] ?? 0);
}
