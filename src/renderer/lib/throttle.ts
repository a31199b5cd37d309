/** Runs `work` at most once per `ms`, at the end of the interval; calls in between are folded into one. */
export function throttled(ms: number, work: () => void): () => void {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => {
      isWaiting = false;
      work();
    }, ms);
  };
}
