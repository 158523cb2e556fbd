import type {
  DialogId,
  DialogSnapshot,
  InviteFacts,
  ReferOptions,
  ReinviteOptions,
  ReinviteOutcome,
  Session,
  SessionEvent,
  SipReason,
} from '../api.ts';
import { parseNameAddr } from '../codec/name-addr.ts';
import { userOf } from '../codec/uri.ts';
import type { Peer, SessionCore } from './core.ts';
import { SessionEvents } from './events.ts';
import { factsOfParts } from './facts.ts';
import { InDialog } from './in-dialog.ts';

/** A confirmed call of a process that is gone, taken up again. */
export class AdoptedCall implements Session {
  /** Nobody knows any more who called; what follows is the same. */
  readonly direction = 'out';
  readonly invite: InviteFacts;
  readonly #events = new SessionEvents();
  readonly #dialog: InDialog;
  readonly #timer: DialogSnapshot['timer'];

  constructor(core: SessionCore, snapshot: DialogSnapshot) {
    const local = parseNameAddr(snapshot.localUri);
    const remote = parseNameAddr(snapshot.remoteUri);
    const { via, localSdp, remoteSdp, account, timer, ...dialog } = snapshot;
    this.#timer = timer;
    this.invite = factsOfParts(
      {
        callId: snapshot.callId,
        source: via,
        requestUri: snapshot.remoteTarget,
        from: local?.uri.text ?? '',
        display: local?.display ?? '',
        to: remote?.uri.text ?? '',
        sdp: remoteSdp,
      },
      [],
    );
    const peer: Peer =
      account === undefined
        ? { kind: 'address', address: via }
        : { kind: 'account', user: account, last: undefined };
    this.#dialog = new InDialog({
      core,
      session: this,
      dialog,
      peer,
      events: this.#events,
      localUser: local === undefined ? '' : userOf(local.uri),
      localSdp,
      remoteSdp,
      signer: undefined,
      caller: true,
      settled: true,
      bye: (reason) => this.#events.emit({ type: 'ended', by: 'peer', reason }),
      gone: () => core.released(this),
    });
  }

  start(): void {
    this.#dialog.start();
    this.#dialog.confirm(this.#timer);
  }

  listen(listener: (event: SessionEvent) => void): void {
    this.#events.listen(listener);
  }

  progress(): void {}

  answer(): void {}

  reject(): void {}

  reinvite(sdp: string, settled: (outcome: ReinviteOutcome) => void, options?: ReinviteOptions): void {
    this.#dialog.reinvite(sdp, settled, options);
  }

  probe(told: (knows: boolean | undefined) => void): void {
    this.#dialog.probe(told);
  }

  refer(options: ReferOptions): void {
    this.#dialog.refer(options);
  }

  dialogId(): DialogId | undefined {
    return this.#dialog.id;
  }

  hangUp(reason?: SipReason): void {
    this.#dialog.bye(reason);
  }

  snapshot(): DialogSnapshot | undefined {
    return this.#dialog.snapshot();
  }
}
