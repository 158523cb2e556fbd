import { ok, type Result } from '../../../../lib/base/errors.ts';
import type { PhoneConfig } from '../../../../lib/contract/lan-config.ts';
import { checkSettings, noTemplate } from '../settings.ts';
import type { AskedFile, ProvisioningAround, RenderedFile, TemplateRefusal } from '../types.ts';
import { encryptXml } from './encryption.ts';
import { type GrandstreamModel, usualForm } from './models.ts';
import { keyTable, settingsOf } from './settings-of.ts';
import { configXml } from './xml.ts';

/** The one file of a Grandstream phone: `cfg<mac>.xml`. */
export function renderGrandstream(
  phone: PhoneConfig,
  around: ProvisioningAround,
  model: GrandstreamModel,
): Result<RenderedFile[], TemplateRefusal> {
  const form = around.form ?? usualForm(model.family);
  if (form === 'names' && model.family === 'gxp16xx') {
    return noTemplate('template.formUnknown', 'form', `${model.model} knows P values only.`);
  }
  const settings = settingsOf(phone, around, model, form);
  if (!settings.ok) return settings;
  const checked = checkSettings(settings.value, keyTable(model, form), model.model);
  if (!checked.ok) return checked;
  const xml = Buffer.from(configXml(phone.mac, checked.value, form), 'utf8');
  const { encryption } = around;
  const encrypted = encryption.mode === 'use';
  return ok([
    {
      name: `cfg${phone.mac}.xml`,
      contentType: encrypted ? 'application/octet-stream' : 'text/xml',
      bytes: encrypted ? encryptXml(xml, encryption.key, encryption.digest) : xml,
      secret: true,
    },
  ]);
}

/** The phone tries the binary file of old first, and the common files when it gets none of its own. */
export function grandstreamFiles(model: GrandstreamModel, mac: string): readonly AskedFile[] {
  const none = (name: string): AskedFile => ({ name, what: 'refused', login: false });
  return [
    none(`cfg${mac}`),
    none(`cfg${mac}.bin`),
    { name: `cfg${mac}.xml`, what: 'configuration', login: true },
    none(`cfg${model.model.toLowerCase()}.xml`),
    none('cfg.xml'),
    // No public document has a key for the login of a GXP16xx's phone book.
    { name: 'phonebook.xml', what: 'phoneBook', login: model.family !== 'gxp16xx' },
  ];
}
