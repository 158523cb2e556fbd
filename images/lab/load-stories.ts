import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LabError } from './lab-error.ts';
import type { Story } from './story.ts';

const USUAL_ORDER = 50;

/** The stories of `folder` in the order in which they are played. Rejects for a file that exports none. */
export async function loadStories(folder: string): Promise<readonly Story[]> {
  const stories: Story[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts'))) {
    if (file.endsWith('.part.ts')) continue;
    const loaded = (await import(pathToFileURL(join(folder, file)).href)) as { readonly story?: Story };
    if (loaded.story === undefined) throw new LabError(`${file} exports no story`);
    stories.push(loaded.story);
  }
  return inOrder(stories);
}

/** By their order, then by their names. */
export function inOrder(stories: readonly Story[]): readonly Story[] {
  const at = ({ order = USUAL_ORDER }: Story): number => order;
  return [...stories].sort((one, other) => at(one) - at(other) || one.name.localeCompare(other.name));
}

/** Those that were asked for; all when none was. Throws for a name that nobody has. */
export function chosen(stories: readonly Story[], names: readonly string[]): readonly Story[] {
  const unknown = names.filter((name) => !stories.some((story) => story.name === name));
  if (unknown.length > 0) {
    const known = stories.map(({ name }) => name).join(', ');
    throw new LabError(`no story is called ${unknown.join(', ')}. There are: ${known}`);
  }
  return names.length === 0 ? stories : stories.filter(({ name }) => names.includes(name));
}
