import type { LampDialog } from './lamps.ts';

/** Dialogs told of one lamp at most. */
const DIALOGS = 8;

/** What a subscriber knows of a lamp: each dialog as it was last told, by name. */
export type ToldLamp = ReadonlyMap<string, string>;

/**
 * The state of a lamp as `application/dialog-info+xml` (RFC 4235 §4): the whole of it where nothing was told before, else what
 * has changed, with `terminated` for what is gone. `call-id` and both tags are the leg's name: an INVITE with Replaces that
 * carries them takes the call.
 */
export function dialogInfo(
  resource: string,
  domain: string,
  version: number,
  dialogs: readonly LampDialog[],
  told?: ToldLamp,
): { readonly body: string; readonly told: ToldLamp } {
  const entity = `sip:${uriUser(resource)}@${domain}`;
  const now = new Map(
    dialogs.slice(0, DIALOGS).map((each) => [each.id, dialogLines(each, entity, domain).join('\r\n')]),
  );
  const changed = [...now].filter(([id, text]) => told?.get(id) !== text).map(([, text]) => text);
  const gone = [...(told?.keys() ?? [])].filter((id) => !now.has(id)).map(terminated);
  const state = told === undefined ? 'full' : 'partial';
  const head = `<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="${state}" entity="${xml(entity)}">`;
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', head, ...gone, ...changed, '</dialog-info>', ''];
  return { body: lines.join('\r\n'), told: now };
}

function dialogLines(each: LampDialog, entity: string, domain: string): readonly string[] {
  const id = xml(each.id);
  const remote =
    each.remote === '' ? 'sip:anonymous@anonymous.invalid' : `sip:${uriUser(each.remote)}@${domain}`;
  return [
    `<dialog id="${id}" call-id="${id}" local-tag="${id}" remote-tag="${id}" direction="${each.direction}">`,
    `<state>${each.state}</state>`,
    `<local><identity>${xml(entity)}</identity><target uri="${xml(entity)}"/></local>`,
    `<remote><identity display="${xml(each.name)}">${xml(remote)}</identity><target uri="${xml(remote)}"/></remote>`,
    '</dialog>',
  ];
}

function terminated(id: string): string {
  return `<dialog id="${xml(id)}"><state>terminated</state></dialog>`;
}

/** Message waiting (RFC 3842 §5.2): new and old ones of an account. */
export function messageSummary(account: string, fresh: number, old: number): string {
  const waiting = fresh > 0 ? 'yes' : 'no';
  return [
    `Messages-Waiting: ${waiting}`,
    `Message-Account: ${account}`,
    `Voice-Message: ${fresh}/${old} (0/0)`,
    '',
  ].join('\r\n');
}

function uriUser(text: string): string {
  return text.replaceAll('#', '%23').replace(/[^0-9A-Za-z*+._%-]/g, '');
}

function xml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
