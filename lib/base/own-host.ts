/**
 * An IP address of this machine: a fixed one, or one that may change and is asked for at every use. While the machine has none,
 * it is {@link NO_HOST}.
 */
export type OwnHost = string | (() => string);

/** No address of our own: the kernel takes this for any. */
export const NO_HOST = '0.0.0.0';

export function hostNow(own: OwnHost): string {
  return typeof own === 'string' ? own : own();
}
