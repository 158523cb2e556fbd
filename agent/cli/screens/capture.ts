import type { CaptureAnswer } from '../../trace/index.ts';
import { type Look, type Row, rowLines } from '../screen.ts';
import { clean, duration, japanTime } from '../text.ts';

/** How the recorder stands, and the bundles that the box has. */
export function captureScreen({ capture }: CaptureAnswer, now: number, look: Look): readonly string[] {
  const { running, bundles } = capture;
  const rows: Row[] = [];
  if (running === null) rows.push({ verdict: '--', name: 'capture', say: 'does not run' });
  else {
    const { since, messages, bytes, lost, keepMinutes, endsAt } = running;
    const kept = since === null ? 'nothing yet' : `${messages} messages of ${duration(now - since)}`;
    rows.push(
      { verdict: 'OK', name: 'capture', say: `runs, keeps the last ${keepMinutes} min` },
      { verdict: '', name: '', say: `${kept}, ${Math.ceil(bytes / 1_000)} kB` },
      { verdict: '', name: '', say: `ends by itself in ${duration(endsAt - now)}` },
    );
    if (lost > 0)
      rows.push({ verdict: 'WARN', name: 'missing', say: `${lost} found no room or came too fast` });
  }
  for (const { name, bytes, at } of bundles) {
    rows.push(
      { verdict: '--', name: 'bundle', say: clean(name) },
      { verdict: '', name: '', say: `${Math.ceil(bytes / 1_000)} kB, ${japanTime(at)}` },
    );
  }
  return rows.flatMap((row) => rowLines(row, look));
}
