import { ok, type Result } from '../../../lib/base/errors.ts';
import type { PhoneConfig } from '../../../lib/contract/lan-config.ts';
import { GRANDSTREAM_MODELS } from './grandstream/models.ts';
import { grandstreamFiles, renderGrandstream } from './grandstream/render.ts';
import { PANASONIC_MODELS } from './panasonic/models.ts';
import { panasonicFiles, renderPanasonic } from './panasonic/render.ts';
import { grandstreamBook } from './phone-book/grandstream.ts';
import { pageName, panasonicBook } from './phone-book/panasonic.ts';
import { noTemplate, unwritable } from './settings.ts';
import type { AskedFile, PhoneVendor, ProvisioningAround, RenderedFile, TemplateRefusal } from './types.ts';

export { alertInfoOf } from './alert-info.ts';
export type {
  AskedFile,
  FileBase,
  PhoneVendor,
  ProvisioningAround,
  RenderedFile,
} from './types.ts';

/** All configuration files of one phone, in the order in which it asks for them. Pure: the same input, the same bytes. */
export function renderPhone(
  phone: PhoneConfig,
  around: ProvisioningAround,
): Result<RenderedFile[], TemplateRefusal> {
  if (around.phase === 'first' && around.firmware !== null) {
    const say =
      'A phone gets no firmware at its first contact: its configuration must be seen to work before.';
    return noTemplate('template.firmwareAtFirst', 'firmware', say);
  }
  switch (phone.vendor) {
    case 'grandstream': {
      const model = GRANDSTREAM_MODELS.get(phone.model);
      return model === undefined
        ? noModel(phone.vendor, phone.model)
        : renderGrandstream(phone, around, model);
    }
    case 'panasonic': {
      const model = PANASONIC_MODELS.get(phone.model);
      return model === undefined ? noModel(phone.vendor, phone.model) : renderPanasonic(phone, around, model);
    }
  }
}

/**
 * The shared phone book as this model reads it, in as many files as it needs; none where a model reads none. Pure, and
 * without secrets: every phone of the model gets the same.
 */
export function renderPhoneBook(
  vendor: PhoneVendor,
  model: string,
  { phoneBook: entries }: Pick<ProvisioningAround, 'phoneBook' | 'base'>,
): Result<RenderedFile[], TemplateRefusal> {
  const wrong = entries.findIndex(({ name }) => unwritable(name));
  if (wrong >= 0) {
    const say = `phoneBook[${wrong}]: a name cannot hold a line break or another control character.`;
    return noTemplate('template.valueCharacters', `phoneBook[${wrong}]`, say);
  }
  switch (vendor) {
    case 'grandstream':
      if (!GRANDSTREAM_MODELS.has(model)) return noModel(vendor, model);
      return ok([bookFile(grandstreamBook(entries), 0)]);
    case 'panasonic': {
      const known = PANASONIC_MODELS.get(model);
      if (known === undefined) return noModel(vendor, model);
      return ok(known.family === 'ut' ? [] : panasonicBook(entries, known.japanese).map(bookFile));
    }
  }
}

function bookFile(xml: string, page: number): RenderedFile {
  return { name: pageName(page), contentType: 'text/xml', bytes: Buffer.from(xml, 'utf8'), secret: false };
}

/** What a phone of this model asks for, in its order. `mac` is twelve small hex digits. Nothing for an unknown model. */
export function filesFor(vendor: PhoneVendor, model: string, mac: string): readonly AskedFile[] {
  switch (vendor) {
    case 'grandstream': {
      const known = GRANDSTREAM_MODELS.get(model);
      return known === undefined ? [] : grandstreamFiles(known, mac);
    }
    case 'panasonic': {
      const known = PANASONIC_MODELS.get(model);
      return known === undefined ? [] : panasonicFiles(known, mac);
    }
  }
}

/** The models that can be set up, as their makers write them. */
export function knownModels(vendor: PhoneVendor): readonly string[] {
  return [...(vendor === 'grandstream' ? GRANDSTREAM_MODELS : PANASONIC_MODELS).keys()];
}

function noModel(vendor: PhoneVendor, model: string) {
  const say = `No template for ${vendor} ${model}: this model is not known here.`;
  return noTemplate('template.modelUnknown', 'model', say);
}
