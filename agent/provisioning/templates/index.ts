import { type Result, refuse } from '../../../lib/base/errors.ts';
import type { PhoneConfig } from '../../../lib/contract/lan-config.ts';
import type { AskedFile, PhoneVendor, ProvisioningAround, RenderedFile, TemplateRefusal } from './types.ts';

export type {
  AskedFile,
  FileBase,
  PhoneVendor,
  ProvisioningAround,
  RenderedFile,
  TemplateRefusal,
} from './types.ts';

/** All configuration files of one phone, in the order in which it asks for them. Pure. */
export function renderPhone(
  phone: PhoneConfig,
  _around: ProvisioningAround,
): Result<RenderedFile[], TemplateRefusal> {
  return noModel(phone.vendor, phone.model);
}

/** The shared phone book as this model reads it, in as many files as it needs. Pure; without secrets. */
export function renderPhoneBook(
  vendor: PhoneVendor,
  model: string,
  _around: Pick<ProvisioningAround, 'phoneBook' | 'base'>,
): Result<RenderedFile[], TemplateRefusal> {
  return noModel(vendor, model);
}

/** What a phone of this model asks for, in its order. `mac` is twelve small hex digits. Nothing for an unknown model. */
export function filesFor(_vendor: PhoneVendor, _model: string, _mac: string): readonly AskedFile[] {
  return [];
}

/** The models that can be set up, as their makers write them. */
export function knownModels(_vendor: PhoneVendor): readonly string[] {
  return [];
}

function noModel(vendor: PhoneVendor, model: string): ReturnType<typeof refuse<TemplateRefusal>> {
  const say = `No template for ${vendor} ${model}: this model is not known here.`;
  return refuse({ code: 'template.modelUnknown', fault: 'caller', key: 'model', say });
}
