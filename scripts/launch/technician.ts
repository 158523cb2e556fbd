import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { PhonesAnswer } from '../../agent/local-api/index.ts';
import { PhoneClient } from '../lab/phone-client.ts';
import { DESK_PHONES, type DeskPhone, phoneSocket } from './desk-lan.ts';
import { requestJson } from './http-over-unix.ts';
import type { Layout } from './layout.ts';
import type { Tell } from './office.ts';

const LOOK_EVERY_MS = 500;
/** A state folder keeps the office that it began with. */
export const OLDER_OFFICE =
  'the office of this state folder knows no desk phones: remove the folder, or name another with --state';

/** The desk phones as the box sees them; none while it does not answer. */
export async function phonesOf(layout: Layout): Promise<PhonesAnswer['phones']> {
  const answer = await requestJson(layout.sockets.agent, 'GET', '/v1/phones').catch(() => undefined);
  return (answer as PhonesAnswer | undefined)?.phones ?? [];
}

/** As on the label. */
export function labelOf(mac: string): string {
  return mac.toUpperCase().replace(/(..)(?=.)/g, '$1:');
}

/** Runs `engawa` as the technician does. */
export function engawa(
  layout: Layout,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly output: string }> {
  const command = [join(layout.root, 'scripts/engawa.mjs'), '--state', layout.state, ...args];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8');
      });
    }
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * Stands before the desk phones of a running office: approves each that was never approved, and tells when it is
 * registered. Resolves when all are, or when `signal` says that the office ends.
 */
export async function approvePhones(layout: Layout, tell: Tell, signal: AbortSignal): Promise<void> {
  const away = new Set(DESK_PHONES);
  const approved = new Set<DeskPhone>();
  let foreign = false;
  while (away.size > 0 && !signal.aborted) {
    const seen = new Map((await phonesOf(layout)).map((standing) => [standing.mac, standing]));
    for (const phone of away) {
      const standing = seen.get(phone.mac);
      if (standing?.state === 'waiting' && !approved.has(phone)) {
        approved.add(phone);
        tell(await approve(layout, phone));
      }
      if (standing?.state === 'unassigned' && !foreign) {
        foreign = true;
        tell(OLDER_OFFICE);
      }
      if (standing?.registered === true) {
        away.delete(phone);
        const { extension } = phone;
        tell(`${nameOf(phone)} is registered as extension ${extension}, address ${standing.address ?? '?'}`);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** One that may have asked in vain is switched off and on: it asks again when it starts. */
async function approve(layout: Layout, phone: DeskPhone): Promise<string> {
  const { code } = await engawa(layout, 'approve', labelOf(phone.mac));
  const did = `${nameOf(phone)}: npx engawa approve ${labelOf(phone.mac)}`;
  if (code !== 0) return `${did} was refused (exit code ${code})`;
  const heard = (await phonesOf(layout)).find(({ mac }) => mac === phone.mac)?.heard;
  if (heard?.pnp === undefined && heard?.http === undefined) return did;
  try {
    const client = await PhoneClient.connect(phoneSocket(layout, phone));
    await client.ask('reboot', {}).finally(() => client.close());
    return `${did}, and switched off and on`;
  } catch (error) {
    return `${did}; it could not be switched off and on: ${String(error)}`;
  }
}

function nameOf({ model, maker }: DeskPhone): string {
  return `desk phone ${maker === 'grandstream' ? 'Grandstream' : 'Panasonic'} ${model}`;
}
