import { createHash } from 'node:crypto';
import { grandstreamSettings } from './config/grandstream-settings.ts';
import type { PhoneModel } from './config/models.ts';
import { panasonicSettings } from './config/panasonic-settings.ts';
import type { PhoneSettings } from './config/settings.ts';
import type { DhcpSelf } from './dhcp/client.ts';

/** `Grandstream Model HW GRP2612 SW 1.0.5.48 DevId c074ad2bd859`, `Panasonic_KX-HDV230N/07.101 (0080f0c8c381)`. */
export function httpUserAgent(model: PhoneModel, firmware: string, mac: string): string {
  return model.maker === 'grandstream'
    ? `Grandstream Model HW ${model.model} SW ${firmware} DevId ${mac}`
    : `Panasonic_${model.model}/${firmware} (${mac})`;
}

export function sipUserAgent(model: PhoneModel, firmware: string, mac: string): string {
  return model.maker === 'grandstream'
    ? `Grandstream ${model.model} ${firmware}`
    : `Panasonic_${model.model}/${firmware} (${mac})`;
}

/** How the phone asks for an address: its vendor class (option 60) and what it wants to know (option 55). */
export function dhcpSelf(model: PhoneModel, mac: string): DhcpSelf {
  if (model.maker === 'panasonic') {
    const wanted = [1, 3, 6, 42, 66, 67, 159, 160];
    return { mac, vendorClass: 'Panasonic', wanted, hostName: undefined };
  }
  const newer = model.family === 'grp26xx' ? [161] : [];
  const wanted = [1, 3, 6, 12, 15, 2, 42, 43, 66, 120, 125, 132, 133, 150, 160, ...newer, 242];
  return { mac, vendorClass: `Grandstream ${model.model}`, wanted, hostName: undefined };
}

export function settingsOf(values: ReadonlyMap<string, string>, model: PhoneModel): PhoneSettings {
  return model.maker === 'grandstream'
    ? grandstreamSettings(values, model)
    : panasonicSettings(values, model);
}

/**
 * What a NOTIFY's Event makes a phone do; undefined: nothing. Grandstream restarts at `check-sync` unless it says
 * `reboot=false`; Panasonic compares the text with its setting.
 */
export function checkSyncOf(
  model: PhoneModel,
  settings: PhoneSettings,
  event: string,
): 'fetch' | 'reboot' | undefined {
  const [name = '', ...parameters] = event.split(';').map((part) => part.trim().toLowerCase());
  if (model.maker === 'panasonic')
    return name !== '' && name === settings.resyncEvent.toLowerCase() ? 'fetch' : undefined;
  if (name === 'resync') return 'fetch';
  if (name !== 'check-sync') return undefined;
  return parameters.includes('reboot=false') ? 'fetch' : 'reboot';
}

/** Where new firmware is, and which it is as far as the configuration says; null when it is to look for none. */
export function firmwareUrl(model: PhoneModel, settings: PhoneSettings): string | null {
  const { firmware } = settings;
  if (firmware === null) return null;
  return model.maker === 'panasonic' ? firmware.url : `${firmware.url}${model.model.toLowerCase()}fw.bin`;
}

const VERSION = /(?<![\d.])\d{1,2}(?:\.\d{1,3}){2,3}(?![\d.])/;

/**
 * Version of an image. What is in a maker's image is a secret of its own; here the first version number in its first 512 bytes
 * is the one that it brings. Undefined: it is no firmware.
 */
export function versionIn(image: Buffer): string | undefined {
  return VERSION.exec(image.toString('latin1', 0, 512))?.[0];
}

/** What tells that a configuration is the one that is in force. */
export function fingerprint(values: ReadonlyMap<string, string>): string {
  const sorted = [...values].toSorted(([one], [two]) => (one < two ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}
