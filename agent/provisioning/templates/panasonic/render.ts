import { ok, type Result } from '../../../../lib/base/errors.ts';
import type { PhoneConfig } from '../../../../lib/contract/lan-config.ts';
import { pageNames } from '../phone-book/panasonic.ts';
import { checkSettings, noTemplate, type Setting } from '../settings.ts';
import type { AskedFile, ProvisioningAround, RenderedFile, TemplateRefusal } from '../types.ts';
import { ALL_FILES_BYTES, cfgFile } from './cfg.ts';
import type { PanasonicModel } from './models.ts';
import { keyTable } from './rules.ts';
import { entrySettings, settingsOf } from './settings-of.ts';

/** The two files of a Panasonic phone: `KX-HDV230N.cfg`, which holds no secret, and `Config0080F0123456.cfg`. */
export function renderPanasonic(
  phone: PhoneConfig,
  around: ProvisioningAround,
  model: PanasonicModel,
): Result<RenderedFile[], TemplateRefusal> {
  if (around.encryption.mode !== 'off') {
    const say = `${model.model}: the format of its encrypted files is in no public document, so none are made.`;
    return noTemplate('template.encryption', null, say);
  }
  if (around.form !== undefined) {
    return noTemplate('template.formUnknown', 'form', `${model.model}: its files have one form only.`);
  }
  const entry = plainFile(`${model.model}.cfg`, entrySettings(around), model, false);
  if (!entry.ok) return entry;
  const settings = settingsOf(phone, around, model);
  if (!settings.ok) return settings;
  const own = plainFile(ownFileName(phone.mac), settings.value, model, true);
  if (!own.ok) return own;
  const bytes = entry.value.bytes.length + own.value.bytes.length;
  if (bytes > ALL_FILES_BYTES) {
    return noTemplate(
      'template.tooLarge',
      null,
      `The files of ${model.model} have ${bytes} bytes, too many.`,
    );
  }
  return ok([entry.value, own.value]);
}

function plainFile(
  name: string,
  settings: readonly Setting[],
  model: PanasonicModel,
  secret: boolean,
): Result<RenderedFile, TemplateRefusal> {
  const checked = checkSettings(settings, keyTable(model), model.model);
  if (!checked.ok) return checked;
  const bytes = cfgFile(checked.value, model);
  return bytes.ok ? ok({ name, contentType: 'text/plain', bytes: bytes.value, secret }) : bytes;
}

/** `{MAC}` in a path becomes twelve capital hex digits in the phone. */
function ownFileName(mac: string): string {
  return `Config${mac.toUpperCase()}.cfg`;
}

/** Entry, own file, and the phone book where the model reads one. */
export function panasonicFiles(model: PanasonicModel, mac: string): readonly AskedFile[] {
  return [
    // That these phones answer a challenge is in no public document; none is asked of them.
    { name: `${model.model}.cfg`, what: 'configuration', login: false },
    { name: ownFileName(mac), what: 'configuration', login: false },
    ...(model.family === 'hdv' ? pageNames(model.japanese) : []).map(
      (name) => ({ name, what: 'phoneBook', login: false }) as const,
    ),
  ];
}
