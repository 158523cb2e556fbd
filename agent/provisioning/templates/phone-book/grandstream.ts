import type { LanConfig } from '../../../../lib/contract/lan-config.ts';
import { escapeXml } from '../grandstream/xml.ts';

/**
 * `phonebook.xml` below the path of P331. The last name is what the list shows; the first name stays empty, because a
 * Japanese name is one field here. `accountindex` 1 is the phone's only account.
 */
export function grandstreamBook(entries: LanConfig['phoneBook']): string {
  const contacts = entries.flatMap(({ name, number }) => [
    '  <Contact>',
    `    <LastName>${escapeXml(name)}</LastName>`,
    '    <FirstName></FirstName>',
    '    <Phone>',
    `      <phonenumber>${escapeXml(number)}</phonenumber>`,
    '      <accountindex>1</accountindex>',
    '    </Phone>',
    '  </Contact>',
  ]);
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<AddressBook>', ...contacts, '</AddressBook>', ''].join(
    '\n',
  );
}
