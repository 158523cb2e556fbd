import type { LampDialog } from './lamps.ts';

/** Dialogs told of one lamp at most. */
const DIALOGS = 8;

/**
 * The whole state of a lamp as `application/dialog-info+xml` (RFC 4235 §4). Always `full`, so that a lost NOTIFY harms
 * nobody. `call-id` and both tags are the leg's name: an INVITE with Replaces that carries them takes the call.
 */
export function dialogInfo(
  resource: string,
  domain: string,
  version: number,
  dialogs: readonly LampDialog[],
): string {
  const entity = `sip:${uriUser(resource)}@${domain}`;
  const lines = dialogs.slice(0, DIALOGS).flatMap((each) => {
    const id = xml(each.id);
    const remote =
      each.remote === '' ? 'sip:anonymous@anonymous.invalid' : `sip:${uriUser(each.remote)}@${domain}`;
    return [
      `<dialog id="${id}" call-id="${id}" local-tag="${id}" remote-tag="${id}" direction="${each.direction}">`,
      `<state>${each.state}</state>`,
      `<local><identity>${xml(entity)}</identity><target uri="${xml(entity)}"/></local>`,
      `<remote><identity display="${xml(each.remote)}">${xml(remote)}</identity><target uri="${xml(remote)}"/></remote>`,
      '</dialog>',
    ];
  });
  const head = `<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="full" entity="${xml(entity)}">`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...lines, '</dialog-info>', ''].join('\r\n');
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
