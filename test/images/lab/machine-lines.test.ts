import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { qmpCommand, readQmpLine } from '../../../images/lab/qmp-lines.ts';
import { readQtestLine, setPin, watchPins } from '../../../images/lab/qtest-lines.ts';

describe("QEMU's monitor", () => {
  it('greets, answers, refuses, and tells what happens', () => {
    expect(readQmpLine('{"QMP": {"version": {}, "capabilities": []}}')).toEqual({ kind: 'greeting' });
    expect(readQmpLine('{"return": {"status": "paused"}, "id": 7}')).toEqual({
      kind: 'answer',
      id: 7,
      value: { status: 'paused' },
    });
    expect(readQmpLine('{"id": 8, "error": {"class": "GenericError", "desc": "no such device"}}')).toEqual({
      kind: 'refusal',
      id: 8,
      say: 'no such device',
    });
    expect(readQmpLine('{"timestamp": {}, "event": "WATCHDOG", "data": {"action": "reset"}}')).toEqual({
      kind: 'event',
      name: 'WATCHDOG',
      data: { action: 'reset' },
    });
  });

  it('is asked by one line', () => {
    expect(qmpCommand(3, 'qom-list', { path: '/machine' })).toBe(
      '{"execute":"qom-list","arguments":{"path":"/machine"},"id":3}\n',
    );
  });

  it('may say anything', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => void readQmpLine(line)));
    expect(readQmpLine('null')).toEqual({ kind: 'other' });
    expect(readQmpLine('{"error": null, "id": "x"}')).toEqual({ kind: 'refusal', id: -1, say: 'refused' });
  });
});

describe('the pins of the emulated chip', () => {
  it('tell their changes', () => {
    expect(readQtestLine('IRQ raise 2')).toEqual({ kind: 'pin', line: 2, high: true });
    expect(readQtestLine('IRQ lower 0\r')).toEqual({ kind: 'pin', line: 0, high: false });
    expect(readQtestLine('OK')).toEqual({ kind: 'ok' });
    expect(readQtestLine('FAIL Unknown device')).toEqual({ kind: 'refusal', say: 'FAIL Unknown device' });
  });

  it('are watched and driven by one line each', () => {
    expect(watchPins('/machine/unattached/device[7]')).toBe(
      'irq_intercept_out /machine/unattached/device[7]\n',
    );
    expect(setPin('/machine/x', 1, true)).toBe('set_irq_in /machine/x unnamed-gpio-in 1 1\n');
    expect(setPin('/machine/x', 7, false)).toBe('set_irq_in /machine/x unnamed-gpio-in 7 0\n');
  });

  it('may say anything', () => {
    fc.assert(fc.property(fc.string(), (line) => void readQtestLine(line)));
    expect(readQtestLine('[R +0.1] IRQ raise 2')).toEqual({ kind: 'other' });
  });
});
