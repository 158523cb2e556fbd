import type { Maker } from '../phone-state.ts';
import { utf8 } from './grandstream-file.ts';
import { childOf, readXml } from './xml.ts';

export interface BookEntry {
  readonly name: string;
  readonly number: string;
}

const MOST = 2_000;
/** A name beyond this is cut on the display (Panasonic's guide; Grandstream's display is no wider). */
const NAME_MOST = 24;

/** A phone book in the maker's format, or why the phone drops it. Never throws. */
export function readPhoneBook(bytes: Buffer, maker: Maker): readonly BookEntry[] | string {
  const text = utf8(bytes);
  const root = text === undefined ? 'it is not UTF-8' : readXml(text);
  if (typeof root === 'string') return root;
  return maker === 'grandstream' ? addressBook(root) : personnel(root);
}

function addressBook(root: Exclude<ReturnType<typeof readXml>, string>): readonly BookEntry[] | string {
  if (root.name !== 'AddressBook') return `its root is <${root.name}>, not <AddressBook>`;
  return root.children
    .filter(({ name }) => name === 'Contact')
    .slice(0, MOST)
    .flatMap((contact) => {
      const part = (name: string): string => childOf(contact, name)?.text.trim() ?? '';
      const name = [part('LastName'), part('FirstName')].filter((each) => each !== '').join(' ');
      const phones = contact.children.filter((child) => child.name === 'Phone');
      return phones.map((phone) => ({ name, number: childOf(phone, 'phonenumber')?.text.trim() ?? '' }));
    })
    .filter(({ number }) => number !== '');
}

function personnel(root: Exclude<ReturnType<typeof readXml>, string>): readonly BookEntry[] | string {
  if (root.name !== 'ppxml') return `its root is <${root.name}>, not <ppxml>`;
  const book = childOf(childOf(root, 'Screen'), 'PhoneBook');
  if (book === undefined) return 'it has no <PhoneBook>';
  return book.children
    .filter(({ name }) => name === 'Personnel')
    .slice(0, MOST)
    .flatMap((person) => {
      const name = (childOf(person, 'Name')?.text.trim() ?? '').slice(0, NAME_MOST);
      const numbers = childOf(person, 'PhoneNums')?.children ?? [];
      return numbers.map((number) => ({ name, number: number.text.trim() }));
    })
    .filter(({ name, number }) => number !== '' && !/["&'<>]/.test(name));
}
