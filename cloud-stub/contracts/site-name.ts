import type { Contract } from './types.ts';

/** How a box calls the office: `縁側商店 (Engawa Shoten)`. */
export function siteName({ name }: Pick<Contract, 'name'>): string {
  return `${name.ja} (${name.en})`;
}
