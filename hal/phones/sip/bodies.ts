import { childOf, readXml } from '../config/xml.ts';
import type { Lamp, Maker } from '../phone-state.ts';

/** One dialog of somebody who is watched (RFC 4235). */
export interface WatchedDialog {
  readonly id: string;
  readonly state: 'trying' | 'proceeding' | 'early' | 'confirmed' | 'terminated';
  readonly direction: 'initiator' | 'recipient' | undefined;
  /** For an INVITE with Replaces; undefined where the notifier keeps them to itself. */
  readonly callId: string | undefined;
  readonly localTag: string | undefined;
  readonly remoteTag: string | undefined;
}

export interface Watched {
  readonly version: number;
  readonly dialogs: ReadonlyMap<string, WatchedDialog>;
}

const DIALOGS_MOST = 64;
const STATES: readonly WatchedDialog['state'][] = [
  'trying',
  'proceeding',
  'early',
  'confirmed',
  'terminated',
];

/** Takes a dialog-info body into what is known; unchanged for what is broken or older. Never throws. */
export function watch(before: Watched | undefined, body: string): Watched | undefined {
  const root = readXml(body);
  if (typeof root === 'string' || root.name.replace(/^.*:/, '') !== 'dialog-info') return before;
  const version = Number(root.attributes.get('version'));
  if (!Number.isInteger(version) || (before !== undefined && version <= before.version)) return before;
  const full = root.attributes.get('state') !== 'partial';
  // A partial state needs what it is a part of (RFC 4235 §4.3).
  if (!full && before === undefined) return before;
  const dialogs = new Map(full ? [] : before?.dialogs);
  for (const element of root.children.slice(0, DIALOGS_MOST)) {
    const id = element.attributes.get('id');
    const state = STATES.find((each) => each === childOf(element, 'state')?.text.trim());
    if (element.name.replace(/^.*:/, '') !== 'dialog' || id === undefined || state === undefined) continue;
    const direction = element.attributes.get('direction');
    if (state === 'terminated') dialogs.delete(id);
    else {
      dialogs.set(id, {
        id,
        state,
        direction: direction === 'initiator' || direction === 'recipient' ? direction : undefined,
        callId: element.attributes.get('call-id'),
        localTag: element.attributes.get('local-tag'),
        remoteTag: element.attributes.get('remote-tag'),
      });
    }
  }
  return { version, dialogs };
}

/** Somebody's lamp: rings → blinks red, in a call → red. An idle one is green at Grandstream and dark at Panasonic. */
export function lampOf(watched: Watched | undefined, maker: Maker): Lamp {
  if (watched === undefined) return 'off';
  const states = [...watched.dialogs.values()];
  if (states.some(({ state, direction }) => state === 'early' && direction !== 'initiator'))
    return 'blinkingRed';
  if (states.length > 0) return 'red';
  return maker === 'grandstream' ? 'green' : 'off';
}

/** The dialog that a press on a blinking lamp takes. */
export function ringingOf(watched: Watched | undefined): WatchedDialog | undefined {
  return [...(watched?.dialogs.values() ?? [])].find(
    ({ state, direction }) => state === 'early' && direction !== 'initiator',
  );
}

export interface Messages {
  readonly waiting: boolean;
  readonly fresh: number;
  readonly old: number;
}

/** RFC 3842 §5.2; undefined for a body that is none. */
export function readMessages(body: string): Messages | undefined {
  const waiting = /^messages-waiting:[ \t]*(yes|no)[ \t]*$/im.exec(body.slice(0, 4_096))?.[1]?.toLowerCase();
  if (waiting === undefined) return undefined;
  const counts = /^voice-message:[ \t]*(\d{1,5})\/(\d{1,5})/im.exec(body.slice(0, 4_096));
  return { waiting: waiting === 'yes', fresh: Number(counts?.[1] ?? 0), old: Number(counts?.[2] ?? 0) };
}

/** Final status in a NOTIFY of a REFER (RFC 3515 §2.4.5); undefined for a body that is none. */
export function readSipfrag(body: string): number | undefined {
  const status = Number(/^SIP\/2\.0 (\d{3})/.exec(body.slice(0, 200))?.[1]);
  return status >= 100 && status <= 699 ? status : undefined;
}
