import { OFFICE_NUMBER, type Stage } from '../demo/stage.ts';
import { pause, until } from '../demo/story.ts';
import { type DeskSeat, type DeskSoftphone, deskOrders } from './hour-desk.ts';

/** Lines of the largest board. */
export const LINES = 8;
const ADAPTER = 'adapter-000001';
/** Half of all are there to be called: those of the first number at lines, those of the two others at desk phones. */
const RUNG = { lines: 4, desk: 4 };
const NUMBERS = { lines: OFFICE_NUMBER, desk: ['0355550201', '0355550202'] } as const;

/** Somebody who can be in a call: a line or a desk phone. */
export interface Party {
  readonly name: string;
  readonly extension: string;
  /** The number that rings it, and some others with it. Undefined: it is not called from outside. */
  readonly number: string | undefined;
  /** Dials; true when the call is up. */
  dial(stage: Stage, number: string): Promise<boolean>;
  /** Has itself called, and takes the call; true when it is up. */
  take(stage: Stage, call: () => Promise<unknown>): Promise<boolean>;
  hangUp(stage: Stage): Promise<void>;
  /** How it stands, for a call that did not come up. */
  stands(stage: Stage): Promise<string>;
}

/** Somebody at an analog phone. */
export class LineParty implements Party {
  readonly name: string;
  readonly extension: string;
  readonly number: string | undefined;
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
    this.name = `line ${port}`;
    this.extension = String(10 + port);
    this.number = port <= RUNG.lines ? NUMBERS.lines : undefined;
  }

  async dial(stage: Stage, number: string): Promise<boolean> {
    await stage.phones.lift(this.#port);
    await pause(500);
    await stage.phones.dial(this.#port, number, 'dtmf');
    return this.#talks(stage);
  }

  async take(stage: Stage, call: () => Promise<unknown>): Promise<boolean> {
    await call();
    const rings = await until(4_000, async () =>
      (await stage.phones.ringing(this.#port)).ringing ? true : undefined,
    );
    if (rings !== true) return false;
    await stage.phones.lift(this.#port);
    return this.#talks(stage);
  }

  async hangUp(stage: Stage): Promise<void> {
    await stage.phones.hangUp(this.#port);
  }

  async stands(stage: Stage): Promise<string> {
    const { lines } = await stage.agent();
    return lines.find(({ port }) => port === this.#port)?.state ?? 'no such line';
  }

  async #talks(stage: Stage): Promise<boolean> {
    const talks = await until(6_000, async () => {
      const { lines } = await stage.agent();
      return lines.find(({ port }) => port === this.#port)?.state === 'talking' ? true : undefined;
    });
    if (talks === true) await stage.phones.speak(this.#port, 500 + this.#port * 40);
    return talks === true;
  }
}

/** Somebody at a desk phone. */
export class DeskParty implements Party {
  readonly #phone: DeskSoftphone;

  constructor(phone: DeskSoftphone) {
    this.#phone = phone;
  }

  get name(): string {
    return this.#phone.seat.host;
  }

  get extension(): string {
    return this.#phone.seat.extension;
  }

  get number(): string | undefined {
    return NUMBERS.desk[Math.floor(this.#phone.seat.index / RUNG.desk)];
  }

  dial(_stage: Stage, number: string): Promise<boolean> {
    return this.#phone.dial(number);
  }

  take(_stage: Stage, call: () => Promise<unknown>): Promise<boolean> {
    return this.#phone.answer(call);
  }

  async hangUp(): Promise<void> {
    await this.#phone.hangUp();
  }

  async stands(): Promise<string> {
    return this.#phone.lastWord;
  }
}

/** The orders with which the contract takes an ID for each line and phone; with them come as many channels. */
export function partyOrders(seats: readonly DeskSeat[]): readonly object[] {
  return [...lineOrders(), ...deskOrders(seats), ...numberOrders(seats)];
}

/** The example's two lines have their IDs already. */
function lineOrders(): readonly object[] {
  return Array.from({ length: LINES - 2 }, (_, index) => {
    const port = index + 3;
    const extension = String(10 + port);
    return {
      kind: 'addId',
      id: { id: `id-000001-${port}`, device: ADAPTER, port, extension, label: `席 ${port}` },
    };
  });
}

function numberOrders(seats: readonly DeskSeat[]): readonly object[] {
  const lines = Array.from({ length: RUNG.lines }, (_, index) => `id-000001-${index + 1}`);
  const desks = NUMBERS.desk.flatMap((number, index) => {
    const rings = seats.slice(index * RUNG.desk, (index + 1) * RUNG.desk).map(({ id }) => id);
    return rings.length === 0 ? [] : [{ kind: 'addNumber', number: { number, rings } }];
  });
  return [{ kind: 'changeNumber', number: NUMBERS.lines, rings: lines }, ...desks];
}
