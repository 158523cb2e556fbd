import type { EventState, SubscriptionFacts } from '../../lib/voice/sip/api.ts';
import type { OfficeState } from '../calls/index.ts';
import type { KeptMailbox } from './desk-journal.ts';
import { dialogInfo, messageSummary, type ToldLamp } from './dialog-info.ts';
import { type LampDialog, lampsOf } from './lamps.ts';

/** What subscribers see: the lamps of the office (RFC 4235) and the messages that wait (RFC 3842). */
export class LampBoard {
  #shown: ReadonlyMap<string, readonly LampDialog[]> = new Map();
  #texts: ReadonlyMap<string, string> = new Map();
  #mailboxes: readonly KeptMailbox[] = [];

  /** Who may see what: everybody every lamp of the office, nobody another one's messages. */
  permits({ account, event, resource }: SubscriptionFacts): number {
    if (event === 'dialog') return this.#shown.has(resource) ? 200 : 404;
    if (event === 'message-summary') return resource === account ? 200 : 403;
    return 489;
  }

  stateOf(
    { event, resource }: SubscriptionFacts,
    { state, host, version, told }: { state: OfficeState; host: string; version: number; told: unknown },
  ): EventState {
    if (event === 'message-summary') {
      const { fresh, old } = this.messagesOf(state, resource);
      const body = messageSummary(`sip:${resource}@${host}`, fresh, old);
      return { contentType: 'application/simple-message-summary', body };
    }
    const before = told instanceof Map ? (told as ToldLamp) : undefined;
    const made = dialogInfo(resource, host, version, this.#shown.get(resource) ?? [], before);
    return { contentType: 'application/dialog-info+xml', body: made.body, told: made.told };
  }

  /** Lamps that show something else than before. */
  match(state: OfficeState): readonly string[] {
    this.#shown = lampsOf(state);
    const before = this.#texts;
    this.#texts = new Map([...this.#shown].map(([name, dialogs]) => [name, JSON.stringify(dialogs)]));
    return [...this.#texts].filter(([name, text]) => before.get(name) !== text).map(([name]) => name);
  }

  get mailboxes(): readonly KeptMailbox[] {
    return this.#mailboxes;
  }

  /** What waits in all mailboxes; the extensions whose phones have to be told. */
  takeMailboxes(state: OfficeState, mailboxes: readonly KeptMailbox[]): readonly string[] {
    const phones = state.config?.lan.phones ?? [];
    const before = new Map(
      phones.map(({ extension }) => [extension, JSON.stringify(this.messagesOf(state, extension))]),
    );
    this.#mailboxes = mailboxes;
    return phones
      .map(({ extension }) => extension)
      .filter((extension) => JSON.stringify(this.messagesOf(state, extension)) !== before.get(extension));
  }

  messagesOf(state: OfficeState, extension: string): { readonly fresh: number; readonly old: number } {
    const phone = state.config?.lan.phones.find((each) => each.extension === extension);
    const found = this.#mailboxes.find(({ serviceId }) => serviceId === phone?.serviceId);
    return { fresh: found?.fresh ?? 0, old: found?.old ?? 0 };
  }
}
