import type { Lab } from './lab.ts';

/** Figures of a story for the closing table, units last in their names: `bootToDialToneS`. */
export type Figures = Readonly<Record<string, number | string>>;

/** Something that the appliance must do, played on the emulated box. A file of `images/stories` exports one as `story`. */
export interface Story {
  readonly name: string;
  /** One sentence: what is proved. */
  readonly about: string;
  /** Where it stands among the others, 0 to 99: those that share a running box follow each other. 50 when left out. */
  readonly order?: number;
  /** Nothing happens in it for minutes: the machine has time for what the others want `ahead`. */
  readonly waits?: boolean;
  /** Work that needs no box, and that the story takes up when it comes to it. */
  ahead?(lab: Lab): Promise<unknown>;
  /** Plays it: rejects when something did not happen, with a sentence that says what. */
  run(lab: Lab): Promise<Figures | undefined>;
}
