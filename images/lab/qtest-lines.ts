/** What QEMU says on its qtest socket, of which only the part for interrupts and pins is used. */
export type QtestLine =
  | { readonly kind: 'ok' }
  | { readonly kind: 'refusal'; readonly say: string }
  /** A pin that is driven by the guest changed. */
  | { readonly kind: 'pin'; readonly line: number; readonly high: boolean }
  | { readonly kind: 'other' };

/** Reads a line; whatever it is, it never throws. */
export function readQtestLine(line: string): QtestLine {
  const pin = /^IRQ (raise|lower) ([0-9]{1,4})$/.exec(line.trim());
  if (pin !== null) return { kind: 'pin', line: Number(pin[2]), high: pin[1] === 'raise' };
  if (/^OK\b/.test(line)) return { kind: 'ok' };
  if (/^(FAIL|ERR)\b/.test(line)) return { kind: 'refusal', say: line.trim() };
  return { kind: 'other' };
}

/** Has changes of the pins that the device at `path` drives told. */
export function watchPins(path: string): string {
  return `irq_intercept_out ${path}\n`;
}

/** Drives a pin that the guest reads. */
export function setPin(path: string, line: number, high: boolean): string {
  return `set_irq_in ${path} unnamed-gpio-in ${line} ${high ? 1 : 0}\n`;
}
