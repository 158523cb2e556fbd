import type { LanConfig } from '../../../../lib/contract/lan-config.ts';

type Entry = LanConfig['phoneBook'][number];

/** Names on a page: 10 on models for Japan, 20 elsewhere (XML Application Developer's Guide 2.52, 5.2.8). */
function namesOnPage(japanese: boolean): number {
  return japanese ? 10 : 20;
}

/** Most entries of a phone book (see the configuration's schema). */
const ENTRIES_MOST = 300;

/** Names of all pages that a model can be given. */
export function pageNames(japanese: boolean): readonly string[] {
  const pages = Math.ceil(ENTRIES_MOST / namesOnPage(japanese));
  return Array.from({ length: pages }, (_, page) => pageName(page));
}

/** The first page has the name that the phone is told; how it asks for the next one must be seen on a phone. */
export function pageName(page: number): string {
  return page === 0 ? 'phonebook.xml' : `phonebook-${page + 1}.xml`;
}

/** Extensions have at most five digits (see the office's configuration); everything longer is outside. */
const EXTENSION_DIGITS = 5;

/** The guide excludes these from names, even escaped. Their full-width forms look the same to a reader. */
const FULL_WIDTH: Readonly<Record<string, string>> = {
  '"': '＂',
  '&': '＆',
  "'": '＇',
  '<': '＜',
  '>': '＞',
};

function plainName(name: string): string {
  return name.replace(/["&'<>]/g, (character) => FULL_WIDTH[character] ?? '');
}

/** Pages of the phone book in the order in which they are read; one page without names if there are none. */
export function panasonicBook(entries: LanConfig['phoneBook'], japanese: boolean): readonly string[] {
  const most = namesOnPage(japanese);
  const pages: string[] = [];
  for (let first = 0; first === 0 || first < entries.length; first += most) {
    pages.push(page(entries.slice(first, first + most)));
  }
  return pages;
}

function page(entries: readonly Entry[]): string {
  const people = entries.flatMap(({ name, number }, index) => [
    `      <Personnel id="${index + 1}">`,
    `        <Name>${plainName(name)}</Name>`,
    '        <PhoneNums>',
    `          <PhoneNum type="${number.length <= EXTENSION_DIGITS ? 'ext' : 'company'}">${number}</PhoneNum>`,
    '        </PhoneNums>',
    '      </Personnel>',
  ]);
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<ppxml xmlns="http://panasonic/sip_phone" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
    '  xsi:schemaLocation="http://panasonic/sip_phone sip_phone.xsd">',
    '  <Screen version="3.0">',
    '    <PhoneBook version="2.0">',
    ...people,
    '    </PhoneBook>',
    '  </Screen>',
    '</ppxml>',
    '',
  ].join('\n');
}
