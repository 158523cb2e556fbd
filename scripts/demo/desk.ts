import { PhoneClient } from '../lab/phone-client.ts';
import { DESK_PHONES, type DeskLan, type DeskPhone, phoneSocket } from '../launch/desk-lan.ts';
import type { Layout } from '../launch/layout.ts';

/** A desk phone of the story. */
export interface Handset {
  readonly kind: DeskPhone;
  readonly phone: PhoneClient;
  /** As people call it: `desk phone 21`. */
  readonly name: string;
}

/** The LAN and the desk phones on it. */
export interface Desk {
  readonly layout: Layout;
  readonly lan: DeskLan;
  /** The Grandstream one. */
  readonly counter: Handset;
  /** The Panasonic one. */
  readonly store: Handset;
  readonly handsets: readonly Handset[];
  close(): void;
}

export async function openDesk(layout: Layout, lan: DeskLan): Promise<Desk> {
  const handsets = await Promise.all(
    DESK_PHONES.map(async (kind): Promise<Handset> => {
      const phone = await PhoneClient.connect(phoneSocket(layout, kind));
      return { kind, phone, name: `desk phone ${kind.extension}` };
    }),
  );
  const [counter, store] = handsets;
  if (counter === undefined || store === undefined) throw new Error('the office has two desk phones');
  return {
    ...{ layout, lan, counter, store, handsets },
    close: () => {
      for (const { phone } of handsets) phone.close();
    },
  };
}
