import { expect, it } from 'vitest';
import { createHealth } from '../../agent/health/index.ts';
import { MediaView } from '../../agent/media-view.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { OfficeWorld } from './calls/office-world.ts';

function made() {
  const clock = new VirtualClock();
  const health = createHealth(clock);
  return { view: new MediaView(health, clock), codes: () => health.list().map((warning) => warning.code) };
}

const snapshot = new OfficeWorld().snapshot();

it('shows the board that the media process has, and warns when it has none', () => {
  const { view, codes } = made();
  view.connected({ ...snapshot, board: null, boardDown: { code: 'board.absent', say: 'no board answers' } });
  expect(view.board).toEqual({ up: false, identity: null, say: 'no board answers' });
  expect(codes()).toEqual(['W-BRD-101']);
  if (snapshot.board === null) throw new Error('the sample has a board');
  view.event({ event: 'board', up: true, board: snapshot.board });
  expect(view.board).toMatchObject({ up: true, identity: { serial: '1' } });
  expect(codes()).toEqual([]);
});

it('warns while the media process is away', () => {
  const { view, codes } = made();
  view.connected(snapshot);
  view.lost({ code: 'media.lost', fault: 'environment', say: 'gone' });
  expect(view.board).toMatchObject({ up: false, say: 'gone' });
  expect(codes()).toEqual(['W-MED-201']);
  view.connected(snapshot);
  expect(codes()).toEqual([]);
});

it('keeps a fault of a port until it is gone', () => {
  const { view, codes } = made();
  view.event({ event: 'fault', port: 2, fault: 'foreignVoltage', present: true });
  expect(codes()).toEqual(['W-LIN-151/2']);
  view.event({ event: 'fault', port: 2, fault: 'foreignVoltage', present: false });
  expect(codes()).toEqual([]);
});
