/**
 * Does all of `work`, at most `atOnce` at a time, begun in order; the answers are in order too. Once one has failed nothing
 * more is begun, and it rejects with the first failure when those that run have ended.
 */
export async function inTurns<Work, Value>(
  work: readonly Work[],
  atOnce: number,
  run: (one: Work) => Promise<Value>,
): Promise<readonly Value[]> {
  const answers: Value[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < work.length && failures.length === 0) {
      const index = next++;
      const one = work[index];
      if (one === undefined) continue;
      try {
        answers[index] = await run(one);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, work.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return answers;
}
