/** A fault that is planted into a program as it is loaded, to prove that the simulation finds it. */
export interface Plant {
  readonly name: string;
  readonly what: string;
  /** From the root of the project. */
  readonly file: string;
  /** Stands there once. */
  readonly find: string;
  readonly put: string;
  /** The rule that finds it; others may, too. */
  readonly rule: string;
}

/** So many seeds, from the first on, are enough to find each of them. */
export const PLANT_SEEDS = 100;

export const PLANTS: readonly Plant[] = [
  {
    name: 'ackBeforeCommit',
    what: 'the cloud acknowledges records before its commit',
    file: 'cloud-stub/sync/uplink.ts',
    find: 'const outcome = await sink.records(contract, gateway, payload);',
    put: `const early = (JSON.parse(payload.toString()).records ?? []).map((one: { id: string }) => one.id);
    if (early.length > 0) await publish(gatewayTopics(gateway).recordsAck, JSON.stringify({ v: 1, ids: early }), false);
    const outcome = await sink.records(contract, gateway, payload);`,
    rule: 'records.ack',
  },
  {
    name: 'forgottenWhenSent',
    what: 'a record leaves the outbox when it is sent, not when it is acknowledged',
    file: 'agent/sync/sync-room.ts',
    find: 'this.#wire?.publish(this.#topics.records, JSON.stringify(batch), false);',
    put: `this.#wire?.publish(this.#topics.records, JSON.stringify(batch), false);
      outbox.acknowledge(records.map(({ id }) => id));`,
    rule: 'records.forgotten',
  },
  {
    name: 'missingAfterKill',
    what: 'what an earlier run left open is not looked at',
    file: 'agent/store/sqlite-journal.ts',
    find: 'SELECT * FROM leg WHERE boot <> ? ORDER BY id',
    put: 'SELECT * FROM leg WHERE boot = ? ORDER BY id',
    rule: 'records.lost',
  },
  {
    name: 'lostBetweenTwoWrites',
    what: 'the end of a leg is two transactions: open row gone, then record in the outbox',
    file: 'agent/store/sqlite-journal.ts',
    find: 'if (leg !== undefined) this.#outbox.put(toRecord(id, leg, end));',
    put: `this.#db.prepare('DELETE FROM leg WHERE id = ?').run(id);
        this.#db.exec('COMMIT');
        this.#db.exec('BEGIN IMMEDIATE');
        if (leg !== undefined) this.#outbox.put(toRecord(id, leg, end));`,
    rule: 'records.lost',
  },
  {
    name: 'twoRecordsOfALeg',
    what: 'the end of a leg is written twice, under two ids',
    file: 'agent/store/sqlite-journal.ts',
    find: 'if (leg !== undefined) this.#outbox.put(toRecord(id, leg, end));',
    put: `if (leg !== undefined) this.#outbox.put(toRecord(id, leg, end));
        if (leg !== undefined) this.#outbox.put(toRecord(this.#nextId(), leg, end));`,
    rule: 'records.doubled',
  },
  {
    name: 'halfConfiguration',
    what: 'a new configuration reaches the first line only',
    file: 'agent/calls/config.ts',
    find: 'for (const [port, line] of wanted) {',
    put: `for (const [port, line] of wanted) {
    if (port > 1 && draft.state.ports.has(port)) continue;`,
    rule: 'config.half',
  },
  {
    name: 'olderRevision',
    what: 'a revision that is older than the one that runs is applied',
    file: 'agent/sync/desired-machine.ts',
    find: 'if (isOlder(seen, state.running)) {',
    put: 'if (isOlder(seen, state.running) && seen.rev === state.running.rev) {',
    rule: 'config.older',
  },
  {
    name: 'leakedSession',
    what: 'the session of a call that is over stays open',
    file: 'agent/media/engine.ts',
    find: 'this.#sessions.close(session);',
    put: '',
    rule: 'left',
  },
  {
    name: 'leakedTimer',
    what: 'every call leaves a timer that runs for ever',
    file: 'agent/calls/effect-runner.ts',
    find: '  adoptSession(leg: LegId, session: Session): void {',
    put: `  #leak(): void {
    this.#options.clock.after(1_000, 'leak', () => this.#leak());
  }

  adoptSession(leg: LegId, session: Session): void {
    this.#leak();`,
    rule: 'left',
  },
  {
    name: 'droppedFrame',
    what: 'now and then a packet of the microphone is not sent',
    file: 'agent/media/rtp-session.ts',
    find: '    if (made === undefined) return;',
    put: '    if (made === undefined || Math.floor(nowMs / 20) % 97 === 0) return;',
    rule: 'sound.gap',
  },
  {
    name: 'unheardPacket',
    what: 'now and then a packet that came is thrown away',
    file: 'agent/media/rtp-session.ts',
    find: 'else this.#buffer.push(packet, nowMs);',
    put: 'else if (packet.sequence % 61 !== 0) this.#buffer.push(packet, nowMs);',
    rule: 'sound.missing',
  },
  {
    name: 'deafAfterMediaKill',
    what: 'handsets that moved while the media process was away are not looked at',
    file: 'agent/calls/recovery.ts',
    find: 'if (board !== null) matchHooks(draft, snapshot, restarted);',
    put: '',
    rule: 'dialTone',
  },
  {
    name: 'forgottenPhoneCalls',
    what: 'what an earlier run knew of desk phones is not looked at',
    file: 'agent/desk/memory-keeper.ts',
    find: 'this.left = readMemory(file?.read());',
    put: 'this.left = readMemory(undefined);',
    rule: 'sound.missing',
  },
  {
    name: 'phonesHungUpAtStop',
    what: 'an agent that is told to stop ends the calls of desk phones',
    file: 'agent/desk/desk-room.ts',
    find: 'if (call.kept()?.held !== false) call.hangUp(',
    put: 'call.hangUp(',
    rule: 'calls.cut',
  },
];
