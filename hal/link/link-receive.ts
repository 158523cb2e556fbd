import { FLAG_RELIABLE, FRAME, type Frame, PROTOCOL_MAJOR } from './frame.ts';
import type { LinkDraft } from './link-draft.ts';
import { type Credit, decodeAck, decodeCredit, decodeHeartbeat } from './link-messages.ts';
import { WINDOW_FRAMES } from './link-state.ts';
import { nextSequence, sequenceDistance } from './serial-number.ts';

/** Audio frames (10 ms each) that may be missing in one gap; beyond that it is a new row. */
const AUDIO_ROW_LIMIT = 100;

/** A good frame came. Frames of a foreign major version are counted and left alone. */
export function receiveFrame(draft: LinkDraft, frame: Frame, wireBytes: number): void {
  const { counters, credit } = draft.state;
  draft.set({
    credit: { ...credit, receivedBytes: (credit.receivedBytes + wireBytes) >>> 0 },
    counters: {
      ...counters,
      framesReceived: counters.framesReceived + 1,
      bytesReceived: counters.bytesReceived + wireBytes,
    },
  });
  if (frame.version !== PROTOCOL_MAJOR) {
    draft.count('framingErrors');
    return;
  }
  draft.set({ heardAtMs: draft.nowMs });
  takeAcknowledgement(draft, frame.ack);
  if ((frame.flags & FLAG_RELIABLE) !== 0) takeReliable(draft, frame);
  else takeOther(draft, frame, wireBytes);
  draft.sendWaiting();
}

/** An acknowledgement of something never sent is ignored. */
function takeAcknowledgement(draft: LinkDraft, ack: number): void {
  const { unacked, nextSeq } = draft.state;
  const oldest = unacked[0];
  if (oldest === undefined || sequenceDistance(ack, nextSeq) < 0) return;
  if (sequenceDistance(oldest.seq, ack) <= 0) return;
  draft.set({ unacked: unacked.filter((entry) => sequenceDistance(entry.seq, ack) <= 0) });
}

function takeReliable(draft: LinkDraft, frame: Frame): void {
  const { expectedSeq, early } = draft.state;
  const ahead = sequenceDistance(expectedSeq, frame.seq);
  draft.set({ ackOwed: true });
  if (ahead < 0 || ahead > WINDOW_FRAMES || early.some((held) => held.seq === frame.seq)) {
    draft.count('controlDuplicates');
    return;
  }
  if (ahead > 0) {
    draft.set({ early: [...early, frame] });
    return;
  }
  deliverInOrder(draft, frame);
}

function deliverInOrder(draft: LinkDraft, first: Frame): void {
  let next: Frame | undefined = first;
  while (next !== undefined) {
    draft.effects.push({ do: 'deliver', frame: next, lostAudioFrames: 0 });
    const expectedSeq: number = nextSequence(next.seq);
    next = draft.state.early.find((held) => held.seq === expectedSeq);
    draft.set({ expectedSeq, early: draft.state.early.filter((held) => held.seq !== expectedSeq) });
  }
}

function takeOther(draft: LinkDraft, frame: Frame, wireBytes: number): void {
  switch (frame.type) {
    case FRAME.ack: {
      const early = decodeAck(frame.payload);
      if (early !== undefined) takeEarlyBits(draft, frame.ack, early);
      return;
    }
    case FRAME.credit: {
      const credit = decodeCredit(frame.payload);
      if (credit !== undefined) takeCredit(draft, credit);
      return;
    }
    case FRAME.heartbeat: {
      const beat = decodeHeartbeat(frame.payload);
      if (beat === undefined) return;
      takeCredit(draft, beat);
      // The line keeps order: whatever was sent before this frame has come by now or never will.
      const receivedBytes = (beat.sentBytes + wireBytes) >>> 0;
      draft.set({ peer: beat, credit: { ...draft.state.credit, receivedBytes } });
      return;
    }
    case FRAME.audio:
      takeAudio(draft, frame);
      return;
    default:
      draft.effects.push({ do: 'deliver', frame, lostAudioFrames: 0 });
  }
}

function takeEarlyBits(draft: LinkDraft, ack: number, bits: number): void {
  const unacked = draft.state.unacked.map((entry) => {
    const bit = sequenceDistance(ack, entry.seq) - 1;
    return bit >= 0 && bit < 16 && (bits & (1 << bit)) !== 0 ? { ...entry, early: true } : entry;
  });
  draft.set({ unacked });
}

/** The line keeps order, so the last word is the newest. */
function takeCredit(draft: LinkDraft, news: Credit): void {
  const { credit } = draft.state;
  draft.set({
    credit: { ...credit, peerReceivedBytes: news.receivedBytes, peerFreeBytes: news.freeBytes },
  });
}

/** A number far out of the row means that the other end began a new row: nothing is known to be lost. */
function takeAudio(draft: LinkDraft, frame: Frame): void {
  const { expectedAudioSeq } = draft.state;
  const ahead = expectedAudioSeq === undefined ? 0 : sequenceDistance(expectedAudioSeq, frame.seq);
  const lost = Math.abs(ahead) > AUDIO_ROW_LIMIT ? 0 : ahead;
  if (lost < 0) {
    draft.count('audioGaps');
    return;
  }
  if (lost > 0) draft.count('audioGaps', lost);
  draft.set({ expectedAudioSeq: nextSequence(frame.seq) });
  draft.effects.push({ do: 'deliver', frame, lostAudioFrames: lost });
}
