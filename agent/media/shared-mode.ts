/**
 * The mode of what the process makes for its agent. On a box the agent is another user of the same group, and the umask leaves
 * the group everything; anywhere else both are one user, and nobody else is let in.
 */
export function sharedMode(): number {
  const mask = process.umask(0o077);
  process.umask(mask);
  return (mask & 0o070) === 0 ? 0o660 : 0o600;
}
