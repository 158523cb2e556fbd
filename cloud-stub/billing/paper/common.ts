import type { InvoiceBody } from '../types.ts';
import type { Paper } from './paper.ts';
import { yenText } from './words.ts';

/** Who writes to whom: the same on every paper. */
export function partiesOf({
  issuer,
  recipient,
}: Pick<InvoiceBody, 'issuer' | 'recipient'>): Pick<Paper, 'recipient' | 'issuer'> {
  return {
    recipient: {
      address: recipient.addressLines ?? [],
      name: `${recipient.name.ja} 御中`,
      contract: `ご契約 ${recipient.contract}`,
    },
    issuer: [
      issuer.name,
      ...(issuer.address === '' ? [] : [issuer.address]),
      ...(issuer.telephone === undefined ? [] : [`電話 ${issuer.telephone}`]),
      `登録番号 ${issuer.registrationNumber}`,
    ],
  };
}

/** Tax by its rate, as the qualified papers must have it. */
export function taxRows(taxes: InvoiceBody['taxes']): Paper['taxes'] {
  return taxes.map(({ percent, taxableYen, taxYen }) => [
    `${percent}%対象`,
    yenText(taxableYen),
    yenText(taxYen),
    yenText(taxableYen + taxYen),
  ]);
}
