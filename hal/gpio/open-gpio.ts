import { ok, type Result } from '../../lib/base/errors.ts';
import { FakeGpio } from './fake-gpio.ts';
import type { BoardGpio, GpioPlan, GpioRefusal } from './gpio.ts';
import { openOnoffGpio } from './onoff-gpio.ts';

/** Which backend to use. `fake` is for machines without GPIO. */
export type GpioBackend =
  | { readonly use: 'fake' }
  | { readonly use: 'onoff'; readonly plan: GpioPlan; readonly onFault: (say: string) => void };

/** Opens the chosen backend; only then is its package loaded. */
export async function openGpio(backend: GpioBackend): Promise<Result<BoardGpio, GpioRefusal>> {
  return backend.use === 'fake' ? ok(new FakeGpio()) : openOnoffGpio(backend);
}
