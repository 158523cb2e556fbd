import type { CallName, Desk } from '../features/index.ts';
import type { Draft } from './draft.ts';

/** A desk has another call in the place of one. */
export function swapCall(draft: Draft, port: number, before: CallName, after: CallName): void {
  const swap = (name: CallName): CallName => (name === before ? after : name);
  const desk = draft.desk(port);
  const next: Desk = (() => {
    switch (desk.at) {
      case 'none':
        return desk;
      case 'one':
        return { ...desk, active: swap(desk.active) };
      case 'announced':
        return {
          ...desk,
          active: desk.active === null ? null : swap(desk.active),
          waiting: swap(desk.waiting),
        };
      case 'asking':
        return { ...desk, held: swap(desk.held) };
      case 'two':
        return { ...desk, active: swap(desk.active), held: swap(desk.held) };
      case 'three':
        return { ...desk, active: swap(desk.active), other: swap(desk.other) };
    }
  })();
  draft.setDesk(port, next);
}
