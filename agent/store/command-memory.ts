/** Commands of the service that were carried out: once each, also when the broker brings one again after a restart. */
export interface CommandMemory {
  /** False when the command was begun before. Written before it is carried out. Throws when the disk refuses. */
  begin(id: string): boolean;
  /** What became of it, as JSON. Never throws. */
  end(id: string, result: string): void;
  /** Undefined while it runs, and when a restart has cut it off. */
  result(id: string): string | undefined;
}
